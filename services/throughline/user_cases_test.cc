// The built program against a running suite, as those work with it who answer for cases.

#include <fcntl.h>
#include <fstream>
#include <map>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "libs/runtime/domain/ids.h"
#include "services/throughline/output/terminal.h"
#include "services/throughline/testing_user.h"
#include "tests/support/eventually.h"

namespace throughline {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Lower(const std::string& text) { return absl::AsciiStrToLower(text); }

// Two command ids whose cases get ids with the same prefix.
std::pair<std::string, std::string> CommandsWithIdsAlike() {
  std::map<std::string, std::string> seen;  // by prefix of the case id
  for (int i = 0;; ++i) {
    runtime::Caller ana{.id = "ana", .command_id = absl::StrCat("alike-", i)};
    const auto [first, is_new] = seen.emplace(runtime::DerivedId(ana, "case").substr(0, 4), ana.command_id);
    if (!is_new) return {first->second, ana.command_id};
  }
}

TEST_F(User, MayWriteIdsInLowerCaseAndAsPrefixes) {
  const std::string id = OpenCase();
  const std::string begun = Lower(id.substr(0, 12));
  EXPECT_EQ(Json("case show " + Lower(id))["case"]["case_id"], id);
  EXPECT_EQ(Json("case show " + begun)["case"]["case_id"], id);
  EXPECT_THAT(Type("case interaction " + begun + " --channel phone --direction inbound --text 'Where?'").out,
              HasSubstr(id))
      << "what was meant is said in full";
  EXPECT_THAT(Type("--timeout 1s case watch " + begun).out, HasSubstr(id));

  const std::string promise = Json("promise make " + begun + " --what 'We call' --due +2h")["promise_id"];
  EXPECT_EQ(Type("promise keep " + begun + " " + Lower(promise.substr(0, 8)) + " --how Called").exit_code, 0);
  EXPECT_EQ(Json("case show " + id)["ownership"]["promises"][0]["status"], "PROMISE_STATUS_KEPT");

  ASSERT_EQ(Type("--as sam notice define begun --name Paying").exit_code, 0);
  const std::string notice =
      Json("notice publish --kind outage --expected-end-unknown --component begun --title t --what w --next-update +1h")
          ["notice_id"];
  EXPECT_THAT(Type("notice resolve " + Lower(notice.substr(0, 12)) +
                   " --text 'Works again' --cause 'A disk was full' --changed 'An alert'")
                  .out,
              HasSubstr(notice));

  const testing::Finished none = Type("case show " + std::string(20, 'Z'));
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_THAT(none.err, HasSubstr("no case begins with ZZZZ"));
  const testing::Finished shortest = Type("case show " + id.substr(0, 3));
  EXPECT_EQ(shortest.exit_code, 2);
  EXPECT_THAT(shortest.err, HasSubstr("write the first 4 letters"));
}

TEST_F(User, NeedsNoIdOfWhatIsOwedWhereOneIsOpen) {
  const std::string id = OpenCase();
  ASSERT_EQ(Type("promise make " + id + " --what 'We call' --due +2h").exit_code, 0);
  EXPECT_EQ(Type("promise move " + id + " --due +3h --reason 'agreed'").exit_code, 0);
  EXPECT_EQ(Type("promise withdraw " + id + " --reason 'not needed'").exit_code, 0);
  EXPECT_EQ(Json("case show " + id)["ownership"]["promises"][0]["status"], "PROMISE_STATUS_WITHDRAWN");
  ASSERT_EQ(Type("case note " + id + " --text asked --next 'Ask again' --next-due +2h").exit_code, 0);
  ASSERT_EQ(Type("case note " + id + " --text asked --next 'And again' --next-due +2h").exit_code, 0);
  const testing::Finished several = Type("commitment keep " + id + " --how done");
  EXPECT_EQ(several.exit_code, 1);
  EXPECT_THAT(several.err, AllOf(HasSubstr("Ask again"), HasSubstr("And again")));
  EXPECT_EQ(Type("commitment keep " + id + " --kind next-update --how 'told her'").exit_code, 0);
  EXPECT_EQ(Type("commitment keep " + id + " --kind nothing --how x").exit_code, 2);
}

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

TEST_F(User, SeesTheCandidatesOfAnAmbiguousPrefix) {
  const auto [one, other] = CommandsWithIdsAlike();
  std::vector<std::string> ids;
  for (const std::string& command : {one, other}) {
    ids.push_back(Json("case open --customer C-1 --channel phone --subject late --text 'Where?' --command-id " +
                       command)["case_id"]);
  }
  const std::string beginning = ids[0].substr(0, 4);
  ASSERT_EQ(ids[1].substr(0, 4), beginning);
  for (const std::string& line : {"case show " + beginning, "case close " + beginning + " --reason r"}) {
    const testing::Finished ended = Type(line);
    EXPECT_EQ(ended.exit_code, 1) << line;
    EXPECT_THAT(ended.err, AllOf(HasSubstr("AMBIGUOUS_ID"), HasSubstr(ids[0]), HasSubstr(ids[1]))) << line;
  }
  size_t same = 4;
  while (ids[0][same] == ids[1][same]) ++same;
  EXPECT_EQ(Json("case show " + ids[1].substr(0, same + 1))["case"]["case_id"], ids[1]);
}

// A repeated command means what it meant the first time, even if its id prefix has become unknown or ambiguous.
TEST_F(User, RepeatsACommandWithAnIdPrefix) {
  const std::string id = OpenCase();
  ASSERT_EQ(Type("--as ben availability available --team care").exit_code, 0);
  const std::string offer = Json("case offer " + id + " ben --reason r")["handoff_id"];
  const std::string line =
      "--as ben case accept " + Lower(id.substr(0, 12)) + " " + Lower(offer.substr(0, 8)) + " --command-id accept-1";
  const testing::Finished first = Type(line);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const testing::Finished again = Type(line);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, first.out);
  const testing::Finished another = Type(line + "x");
  EXPECT_EQ(another.exit_code, 4) << "another command: the offer is taken";
}

// Where only one is open, its id need not be written.
TEST_F(User, MayLeaveOutTheIdOfTheOnlyOneThatIsOpen) {
  const std::string id = OpenCase();
  ASSERT_EQ(Type("--as ben availability available --team care").exit_code, 0);
  ASSERT_EQ(Type("case offer " + id + " ben --reason r").exit_code, 0);
  const std::string accept = "--as ben case accept " + id + " --command-id accept-the-one";
  const testing::Finished first = Type(accept);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(Type(accept).out, first.out) << "repeated, it means the same offer";
  const testing::Finished none = Type("--as ben case accept " + id);
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_THAT(none.err, HasSubstr("no handoff is open"));

  ASSERT_EQ(Type("--as ben promise make " + id + " --what 'We call' --due +2h").exit_code, 0);
  EXPECT_EQ(Type("--as ben promise keep " + id + " --how Called").exit_code, 0);
  for (const char* what : {"One", "Two"}) {
    ASSERT_EQ(Type("--as ben promise make " + id + " --due +2h --what " + what).exit_code, 0);
  }
  const testing::Finished several = Type("--as ben promise keep " + id + " --how Called");
  EXPECT_EQ(several.exit_code, 1);
  EXPECT_THAT(several.err, AllOf(HasSubstr("AMBIGUOUS_ID"), HasSubstr("(One)"), HasSubstr("(Two)")));
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

TEST_F(User, PromisesInWords) {
  const std::string id = OpenCase();
  const json made = Json("promise make " + id + " --what 'The part comes' --due '2 business days'");
  absl::Time due;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, made["due"].get<std::string>(), &due, nullptr)) << made.dump();
  EXPECT_EQ(due, absl::FromCivil(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + 3, absl::UTCTimeZone()))
      << "without a calendars file every day is a business day, and ends at midnight, UTC";
  const testing::Finished said = Type("promise make " + id + " --what 'I call you' --due '3 hours'");
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("Promised by "));
  const testing::Finished vague = Type("promise make " + id + " --what w --due '2 days'");
  EXPECT_EQ(vague.exit_code, 2);
  EXPECT_THAT(vague.err, HasSubstr("can mean two things: write `2 business days` or `48 hours`"));
  const testing::Finished unknown = Type("promise make " + id + " --what w --due '1 hour' --calendar x");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("--calendar is no calendar of this server: it has always"));
}

// Wherever something is due; 120 business days are more than any test takes.
TEST_F(User, SaysEveryDueTimeInWords) {
  ASSERT_EQ(Type("--as ben availability available").exit_code, 0);
  const std::string id = OpenCase();
  const std::string words = " '120 business days'";
  const absl::CivilDay day = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + 121;
  const auto due = [&](const std::string& line, const char* field = "due") {
    const json made = Json(line);
    absl::Time time;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, made.value(field, ""), &time, nullptr)) << line << made.dump();
    return absl::ToCivilDay(time, absl::UTCTimeZone());
  };
  const std::string promise =
      Json("promise make " + id + " --what 'The part comes' --due +2h")["promise_id"].get<std::string>();
  EXPECT_EQ(due("promise renegotiate " + id + " " + promise + " --reason r --due" + words), day);
  EXPECT_EQ(due("commitment move " + id + " " + promise + " --reason r --due" + words), day);
  EXPECT_EQ(due("case note " + id + " --text t --next n --next-due" + words), day);
  EXPECT_EQ(due("help ask " + id + " ben --what w --due" + words), day);
  EXPECT_EQ(
      Type("case interaction " + id + " --channel phone --direction outbound --text t --next-update" + words).exit_code,
      0);
  EXPECT_EQ(Type("--as sam notice define words --name Words").exit_code, 0);
  // Customers of an outage hear more within a week.
  const std::string soon = " --expected-end-unknown --next-update '3 business days'";
  const json notice = Json("notice publish --kind outage --component words --title t --what w" + soon);
  EXPECT_THAT(notice.dump(), HasSubstr("next_update_due"));
  EXPECT_EQ(due("notice update " + notice["notice_id"].get<std::string>() + " --text t" + soon, "next_update_due"),
            day - 117);
  const testing::Finished unknown = Type("case note " + id + " --text t --next n --next-due '1 hour' --calendar x");
  EXPECT_THAT(unknown.err, HasSubstr("--calendar is no calendar of this server"));
  const testing::Finished closed = Type("case propose " + id + " --text t --calendar x");
  EXPECT_THAT(closed.err, HasSubstr("--calendar is no calendar of this server"));
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

TEST_F(User, MayPassTextsAsFilesOrStandardInput) {
  const std::string id = OpenCase();
  const std::string path = directory_->path() + "/text";
  testing::Run({"/bin/sh", "-c", "printf 'From a\\nfile\\n' > " + path});
  ASSERT_EQ(Type("case interaction " + id + " --channel email --direction inbound --text @" + path).exit_code, 0);
  ASSERT_EQ(Type("case interaction " + id + " --channel email --direction inbound --text -", "< " + path).exit_code, 0);
  ASSERT_EQ(Type("case interaction " + id + " --channel email --direction inbound --text @@you").exit_code, 0);
  const json shown = Json("case show " + id);
  EXPECT_EQ(shown["interactions"][0]["text"], "From a\nfile");
  EXPECT_EQ(shown["interactions"][1]["text"], "From a\nfile");
  EXPECT_EQ(shown["interactions"][2]["text"], "@you");
  const testing::Finished twice = Type(
      "notice publish --kind outage --expected-end-unknown --component x --title t --what - --workaround - "
      "--next-update +1h",
      "< " + path);
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.err, HasSubstr("standard input can be read once"));
}

}  // namespace
}  // namespace throughline
