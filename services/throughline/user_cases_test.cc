// The built program against a running suite, as those work with it who answer for cases.

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "services/throughline/testing_user.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"

namespace throughline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(User, AsksForHelpAndGivesIt) {
  ASSERT_EQ(Type("--as ben availability available").exit_code, 0);
  const std::string id = OpenCase();
  const std::string ask = "help ask " + id + " ben --what 'What does it cost?' --due +2h";
  EXPECT_THAT(Type(ask).out, AllOf(HasSubstr("Asked ben by "), HasSubstr(". case " + id)));
  EXPECT_THAT(Type("--as ben worklist").out, HasSubstr("What does it cost?"));
  const std::string shown = Type("case show " + id).out;
  EXPECT_THAT(shown, AllOf(HasSubstr("HELP"), HasSubstr("ben"), HasSubstr("What does it cost?")));
  EXPECT_EQ(Type("--as ben help done " + id + " --what-changed 'It costs 12'").exit_code, 0);
  ASSERT_EQ(Type(ask).exit_code, 0);
  const testing::Finished returned = Type("--as ben help return " + id + " --reason 'only the vendor knows'");
  EXPECT_EQ(returned.exit_code, 0) << returned.err;
  EXPECT_THAT(returned.out, HasSubstr("Handed back."));
  ASSERT_EQ(Type(ask).exit_code, 0);
  EXPECT_THAT(Type("case show " + id).out, HasSubstr("went back and forth 1 times"));
  const testing::Finished nobody = Type("help ask " + id + " --team nobodys --what w --due +2h");
  EXPECT_EQ(nobody.exit_code, 1);
  EXPECT_THAT(nobody.err, HasSubstr("nobody of team `nobodys` is here"));
}

TEST_F(User, SeesOnACaseWhatItsOwnerMustKnow) {
  const std::string photo = directory_->path() + "/tap.jpg";
  std::ofstream(photo) << "test";
  const std::string id = Json(
      "case open --customer C-81 --channel phone --subject Drips --text 'It drips' --language de --component nothing-81"
      " --attach tap.jpg=" +
      photo + ",https://x/tap.jpg")["case_id"];
  ASSERT_EQ(Type("case interaction " + id + " --channel phone --direction inbound --text 'Still'").exit_code, 0);
  ASSERT_EQ(Type("case interaction " + id + " --channel phone --direction inbound --text 'Again'").exit_code, 0);
  EXPECT_TRUE(Eventually([&] { return Json("case show " + id)["ownership"]["unanswered"]["count"] == 2; }));
  std::string shown = Type("case show " + id).out;
  for (const char* part :
       {"language de", "not defined nothing-81", "[tap.jpg at https://x/tap.jpg]", "REPEATED CONTACT",
        "the customer, for an answer since", "they spoke 2 times", "NEXT_UPDATE", "REPLY"}) {
    EXPECT_THAT(shown, HasSubstr(part));
  }
  ASSERT_EQ(Type("case interaction " + id + " --channel phone --direction outbound --text 'We come'").exit_code, 0);
  EXPECT_TRUE(Eventually([&] { return !Json("case show " + id)["ownership"].contains("unanswered"); }));
  ASSERT_EQ(Type("case propose " + id + " --text 'A new tap'").exit_code, 0);
  EXPECT_THAT(Type("case show " + id).out, HasSubstr("unconfirmed, unless the customer answers"));
  const std::string part =
      Json("case split " + id + " --subject Rust --text 'It rusts' --reason 'two things'")["new_case_id"];
  EXPECT_THAT(Type("case show " + part).out, HasSubstr("split from  " + id));
  EXPECT_THAT(Type("case show " + id).out, HasSubstr("split off   " + part));
  ASSERT_EQ(Type("case merge " + id + " " + part + " --reason 'one after all'").exit_code, 0);
  EXPECT_THAT(Type("case show " + part).out, HasSubstr("merged into " + id));
}

TEST_F(User, GivesACodeWithWhichTheCustomerAnswersOnce) {
  const std::string id = OpenCase();
  const std::string propose = "case propose " + id + " --text 'A new lamp' --code --command-id code-1";
  const std::string code = Json(propose)["code"];
  EXPECT_EQ(code.size(), 24u) << code;
  EXPECT_EQ(Json(propose)["code"], code) << "repeating the command proposes nothing else";
  EXPECT_EQ(Type("case answer " + id + " --code 0000-0000-0000-0000-0000 --confirmed").exit_code, 5);
  EXPECT_EQ(Type("case answer " + id + " --code " + Lower(code) + " --confirmed").exit_code, 0);
  EXPECT_EQ(Json("case show " + id)["ownership"]["status"], "CASE_STATUS_RESOLVED_CONFIRMED");
  EXPECT_NE(Type("case answer " + id + " --code " + code + " --confirmed").exit_code, 0) << "once";
}

TEST_F(User, AcknowledgesWhatTheCustomerSaidAndMergesTheirCases) {
  const std::string first = OpenCase(), second = OpenCase();
  ASSERT_EQ(Type("case interaction " + second + " --channel phone --direction inbound --text 'Thanks'").exit_code, 0);
  const auto waits = [&] { return Json("case show " + second)["ownership"].contains("unanswered"); };
  EXPECT_TRUE(Eventually(waits));
  ASSERT_TRUE(waits());
  EXPECT_EQ(Type("case acknowledge " + second + " --why 'only thanks'").exit_code, 0);
  EXPECT_FALSE(waits());
  EXPECT_EQ(Json("case merge " + second + " " + first + " --reason 'the same lamp'")["case_id"], first);
}

TEST_F(User, SeesWhomTheWordsJoinedAndTheCustomerWhole) {
  const std::string photo = directory_->path() + "/lamp.jpg";
  std::ofstream(photo) << "test";
  const std::string about = "case open --customer C-77 --channel phone --subject Late --order SO-77 ";
  const json opened =
      Json(about + "--text 'Where is it?' --language de --attach lamp.jpg=" + photo + ",https://x/lamp.jpg");
  const std::string id = opened["case_id"];
  const json shown = Json("case show " + id)["case"];
  EXPECT_EQ(shown["language"], "de");
  EXPECT_EQ(shown["attachments"][0]["sha256"], "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  EXPECT_EQ(shown["attachments"][0]["media_type"], "image/jpeg");
  const testing::Finished joined = Type("--as sam " + about + "--text 'Still not here'");
  EXPECT_EQ(joined.exit_code, 0) << joined.err;
  EXPECT_THAT(joined.out, AllOf(HasSubstr("Joined open case " + id), HasSubstr("ana answers for it")));
  const std::string interaction = Json("case show " + id)["interactions"][0]["interaction_id"];

  ASSERT_EQ(Type("--as sam notice define web-checkout --name Paying").exit_code, 0);
  EXPECT_THAT(
      Type("case open --customer C-77 --channel web --subject s --text t --component web-chekout --component zzz").out,
      AllOf(HasSubstr("`web-chekout` is not defined"), HasSubstr("near: web-checkout"), HasSubstr("`zzz`")));

  EXPECT_THAT(Type("case mistake " + id + " " + interaction + " --reason 'we forgot it'").out,
              HasSubstr("is marked as our mistake"));
  EXPECT_EQ(Json("case show " + id)["interactions"][0]["mistake"], "we forgot it");
  const json split = Json("case split " + id + " --subject Scratched --text 'It is scratched' --reason 'two things'");
  EXPECT_EQ(split["owner"], "ana");
  EXPECT_THAT(
      Type("case interaction " + id + " --channel email --direction outbound --text 'On Monday' --speaker Ben " +
           "--said-at 2026-01-01T10:00:00Z --next-update +2d")
          .out,
      HasSubstr("ana answers"));
  ASSERT_EQ(Type("promise make " + id + " --what 'We ring' --due +2h").exit_code, 0);

  const testing::Finished customer = Type("customer show C-77");
  EXPECT_THAT(customer.out, AllOf(HasSubstr("We ring"), HasSubstr("Scratched"), HasSubstr("Late"), HasSubstr("case")));
  EXPECT_LT(customer.out.find("We ring"), customer.out.find("Late")) << "newest first";
  EXPECT_EQ(Json("customer show C-77")["items"].size(), 4u);
  EXPECT_THAT(Type("customer show nobody-77").out, HasSubstr("Nothing is known"));
  EXPECT_EQ(Type(about + "--text x --attach nothing").exit_code, 2);
  EXPECT_EQ(Type("--as webshop case interaction " + id + " --channel email --direction outbound --text 'Hi'").exit_code,
            5);
}

TEST_F(User, ReadsNumbersAsTablesJsonAndCsv) {
  const std::string id = OpenCase();
  ASSERT_EQ(Type("case propose " + id + " --text 'A new lamp'").exit_code, 0);
  ASSERT_EQ(Type("case confirm " + id + " --evidence 'she said so'").exit_code, 0);
  const std::string then = " --after " + std::string(Json("case close " + id)["consistency_token"]);
  const std::string table = Type("--as sam report --by rep" + then).out;
  EXPECT_THAT(table, AllOf(HasSubstr("OPENED"), HasSubstr("FIRST CONTACT"), HasSubstr("ana"), HasSubstr("NEXT_UPDATE"),
                           HasSubstr("all")));
  const json numbers = Json("--as sam report --by rep --only ana" + then)["rows"][0];
  EXPECT_EQ(numbers["value"], "ana");
  EXPECT_GE(std::stoi(numbers["numbers"]["closed_confirmed"].get<std::string>()), 1);
  const std::string csv = Type("--as sam report --by rep --by-day --csv" + then).out;
  EXPECT_THAT(csv, AllOf(HasSubstr("rep,day,cases_opened,customers,closed_confirmed"), HasSubstr("\r\nana,"),
                         HasSubstr("time_to_confirmed_counts_to_300s"), HasSubstr("commitments_next_update_made")));
  const auto refused = Type("--as sam report --from yesterday");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--from"));
  EXPECT_EQ(Type("report --by rep").exit_code, 5) << "a rep does not see the numbers of others";
}

TEST_F(User, SeesWhatHappenedAndWhatToDo) {
  const std::string id = OpenCase();
  ASSERT_EQ(Type("case note " + id + " --text 'Asked acme for a date'").exit_code, 0);
  ASSERT_EQ(Type("case close " + id + " --reason 'no such lamp' --offered refund").exit_code, 0);
  const std::string reopened = Json("case reopen " + id + " --reason 'found one'")["consistency_token"];
  const std::string history = Type("case history " + Lower(id.substr(0, 12))).out;
  EXPECT_THAT(history, AllOf(HasSubstr("Where is it?"), HasSubstr("Asked acme for a date"),
                             HasSubstr("no such lamp; offered: refund"), HasSubstr("found one")));
  EXPECT_LT(history.find("Where is it?"), history.find("found one")) << "the newest last";
  EXPECT_THAT(Type("case history " + id + " --limit 1 --from-start").out, Not(HasSubstr("found one")));
  const std::string then = " --after " + reopened;
  EXPECT_THAT(Type("case list --limit 0 --id " + Lower(id.substr(0, 12))).out, HasSubstr(id));
  EXPECT_THAT(Type("case search LATE 'a date' --customer C-1 --limit 0" + then).out,
              AllOf(HasSubstr(id), HasSubstr("[late]"), HasSubstr("Asked acme for [a date]")));
  EXPECT_THAT(Type("case search 'acm*' --status open,resolution-proposed --best --limit 0" + then).out, HasSubstr(id));
  EXPECT_THAT(Type("case search 'date a'" + then).out, HasSubstr("No case has all of that."));
  EXPECT_THAT(Type("case search late --before 2020-01-01T00:00:00Z" + then).out, HasSubstr("No case"));
  EXPECT_EQ(Type("case search '*'").exit_code, 1) << "no word";
  EXPECT_THAT(Type("mine --limit 0").out, HasSubstr(id));
  EXPECT_THAT(Type("promise list --kind next-update --limit 0").out, HasSubstr(id));

  ASSERT_EQ(Type("work snooze " + id + " --about owned --until +1h").exit_code, 0);
  const auto reasons = [&](const std::string& line) {
    std::string reasons;
    const json list = Json(line);
    for (const json& item : list["items"]) {
      if (item["case_id"] == id) absl::StrAppend(&reasons, item["reason"].get<std::string>(), " ");
    }
    return reasons;
  };
  EXPECT_THAT(reasons("worklist --limit 0"), Not(HasSubstr("WORKLIST_REASON_OWNED")));
  EXPECT_THAT(reasons("worklist --all --limit 0"), HasSubstr("WORKLIST_REASON_OWNED"));
  const testing::Finished nothing = Type("work acknowledge " + id);
  EXPECT_EQ(nothing.exit_code, 4) << nothing.out;
  EXPECT_THAT(nothing.err, HasSubstr("throughline mine"));
  EXPECT_THAT(Type("--timeout 1s queue --watch").out, HasSubstr(id)) << "a line for each item";
  EXPECT_THAT(OnTerminal("--timeout 1s queue --watch", 200), HasSubstr("\x1b[H\x1b[2J")) << "redrawn";
}

TEST_F(User, ChecksAMessageBeforeItIsSent) {
  const testing::Finished found = Type("check-message 'Hello Kim. Sadly, you need to contact UPS about that.'");
  EXPECT_EQ(found.exit_code, 6) << found.err;
  EXPECT_THAT(found.out, HasSubstr("Sadly, you need to contact UPS about that.\n"
                                   "       ^^^^^^^^^^^^^^^^^^^^^^^\n"
                                   "sends-elsewhere  "));
  EXPECT_THAT(found.out, HasSubstr("better  Keep it: "));
  const testing::Finished read = Type("--json check-message", "<<'END'\nThat is not our problem.\nEND");
  EXPECT_EQ(read.exit_code, 6) << read.err;
  EXPECT_EQ(json::parse(read.out)["findings"][0]["rule_id"], "disowns");
  const testing::Finished clean = Type("check-message 'I will call them and tell you by 5 pm.'");
  EXPECT_EQ(clean.exit_code, 0) << clean.err;
  EXPECT_EQ(clean.out, "Nothing found.\n");
  EXPECT_EQ(Type("check-message", "< /dev/null").exit_code, 1) << "nothing was given";
}

}  // namespace
}  // namespace throughline
