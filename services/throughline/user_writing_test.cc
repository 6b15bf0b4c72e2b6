// The built program against a running suite: how its users write ids, due times and texts.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "libs/runtime/domain/ids.h"
#include "services/throughline/testing_user.h"
#include "tests/support/process.h"

namespace throughline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

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
