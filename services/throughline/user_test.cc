// The built program against a running suite, as a user runs it: output, terminals, times, ids, mistakes.

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

namespace throughline {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// Every kind of command that prints: reads, changes, watches, file lists. Those that changed something name it.
TEST_F(User, SeesWhatWasDoneIfTheOutputIsLost) {
  const std::string id = OpenCase();
  struct Line {
    std::string line;
    std::string named;
  };
  const std::string events = directory_->path() + "/events.jsonl";
  std::ofstream(events) << R"({"carrier": "ups", "tracking_number": "1Z999AA10123456784", "code": {"code": "??"},)"
                        << R"( "time": {"instant": "2026-11-01T00:00:00Z"}})";
  const std::vector<Line> lines = {
      {"--as ups order push --events " + events, "pushed 1 "},
      {"--help", ""},
      {"--version", ""},
      {"order place --help", ""},
      {"access", ""},
      {"health", ""},
      {"completion bash", ""},
      {"queue", ""},
      {"case list", ""},
      {"case show " + id, ""},
      {"case watch " + id, ""},
      {"token list", ""},
      {"case open --customer C-1 --channel phone --subject late --text 'Where?' --command-id lost-1", "case "},
      {"case interaction " + id + " --channel phone --direction inbound --text 'Still not here'", "interaction "},
      {"promise make " + id + " --what 'We call' --due +2h", "promise "},
      {"case offer " + id + " ben --reason 'end of shift'", "handoff "},
      {"case note " + id + " --text 'Called'", "case " + id},
      {"availability available --team care", "person ana"},
      {"order place SO-LOST --customer C-1 --promised-by +3d --line 1:LAMP:1:acme", "order SO-LOST"},
      {"order add-shipment SO-LOST ups 1Z999AA10123456784", "shipment shipment/ups/1Z999AA10123456784"},
      {"order serial SO-LOST 1 SN-1 --place box", "order SO-LOST"},
      {"--as sam notice define lost-checkout --name Paying", "component lost-checkout"},
      {"notice publish --kind outage --expected-end-unknown --component lost-checkout --title 'Paying fails' --what "
       "'White page' "
       "--next-update +1h",
       "notice "},
      {"token create lost --role rep", "token lost"},
      {"log cat", ""},
      {"verify", ""},
  };
  ASSERT_EQ(Type("--as ben availability available --team care").exit_code, 0);
  for (const Line& line : lines) {
    const testing::Finished ended = Type(line.line, ">/dev/full");
    EXPECT_EQ(ended.exit_code, 3) << line.line << "\n" << ended.err;
    EXPECT_THAT(ended.err,
                AllOf(HasSubstr("the output could not be written (No space left on device)"), HasSubstr(line.named)))
        << line.line;
    if (absl::StrContains(ended.err, "--command-id")) EXPECT_NE(line.named, "") << "a read has none";
  }
  const testing::Finished machine =
      Type("--json case interaction " + id + " --channel phone --direction inbound --text 'Nor here'", ">/dev/full");
  EXPECT_EQ(machine.exit_code, 3);
  const json said = json::parse(machine.err, nullptr, false);
  EXPECT_EQ(said["reason"], "OUTPUT_LOST") << machine.err;
  EXPECT_THAT(said["message"].get<std::string>(), HasSubstr("interaction "));
  EXPECT_NE(said["command_id"], "");
}

TEST_F(User, CanContinueAfterAClosedPipe) {
  const std::string id = OpenCase();
  const std::string line = "promise make " + id + " --what 'We call' --due +2h --command-id closed-1";
  const std::string errors = directory_->path() + "/errors";
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(open(errors.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600), STDERR_FILENO);
    execl("/bin/sh", "sh", "-c", CommandOf(line).c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);
  const std::string said = testing::Run({"/bin/cat", errors}).out;
  EXPECT_THAT(said, AllOf(HasSubstr("case " + id), HasSubstr("promise "), HasSubstr("--command-id closed-1")));
  const testing::Finished again = Type(line);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  const json promises = Json("case show " + id)["ownership"]["promises"];
  ASSERT_EQ(promises.size(), 1u) << "the same again has no second effect";
  EXPECT_THAT(said, HasSubstr(promises[0]["promise_id"].get<std::string>()));
}

// Commands that only the built program has.
TEST_F(User, GetsSuggestions) {
  struct Mistake {
    const char* line;
    const char* said;
  };
  constexpr Mistake kMistakes[] = {
      {"bakup list x", "did you mean `backup`?"},
      {"log tial", "did you mean `tail`?"},
      {"log tail --last -1", "--last: `-1` cannot be: it is a whole number, 0 or more"},
      {"log cat --service intak", "did you mean `intake`?"},
      {"up --prot 1", "did you mean `--port`?"},
      {"up --port 70000", "0 to 65535"},
      {"up --metrics-port -2", "-1 to 65535"},
      {"up --max-commands -1", "1 to 1000000"},
      {"up --partitions 0", "1 to 1024"},
      {"up --grace -1", "0 to 600"},
      {"up --backup-every 0s", "--backup-every: "},
      {"up --close-unanswered-after soon", "--close-unanswered-after: "},
      {"up --close-unanswered-after 400d", "is not from 0 to 8784h"},
      {"up --closing-announced-before 1s", "is not from 1m to 8784h"},
      {"up --reply-within 0s", "is not from 1m to 8784h"},
      {"up --next-update-within 0s", "is not from 1m to 8784h"},
      {"up --handoff-expiry 8d", "is not from 1m to 168h"},
      {"up --reopen-within -1h", "--reopen-within: "},
      {"up --silence-within 35h", "is not from 36h to 2160h"},
      {"up --receipt-awaited-for 0s", "is not from 1m to 8784h"},
      {"up --risk-percent 102", "1 to 101"},
      {"up --repeated-contact 1", "2 to 1000"},
      {"up --assignment-policy round-robbin", "did you mean `round-robin`?"},
      {"up --log-level inf", "did you mean `info`?"},
      {"up --host http://127.0.0.1", "--host: "},
      {"up --host 127.0.0.1:7070", "--port"},
      {"up --metrics-host 0.0.0.0:9470", "--metrics-port"},
      {"bench --seconds -1", "0.1 to 600"},
      {"bench --in-flight 0", "1 to 4096"},
      {"topics create --brokers http://kafka:9092", "write kafka:9092"},
      {"topics create --brokers kafka:9092 --partitions 0", "1 to 10000"},
      {"topics check --brokers kafka:x", "a number from 1 to 65535"},
  };
  for (const Mistake& mistake : kMistakes) {
    const testing::Finished ended = Type(mistake.line);
    EXPECT_EQ(ended.exit_code, 2) << mistake.line << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(mistake.said)) << mistake.line;
  }
}

TEST_F(User, ReadsTimesWithTheirOffset) {
  const std::string id = OpenCase();
  const absl::Time due = absl::FromCivil(absl::CivilDay(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone())) + 400,
                                         absl::UTCTimeZone()) +
                         absl::Hours(12);  // next year's time, so that the year is shown
  ASSERT_EQ(Type("promise make " + id + " --what 'We call' --due " +
                 absl::FormatTime(absl::RFC3339_sec, due, absl::UTCTimeZone()))
                .exit_code,
            0);
  const testing::Finished expiring = Type("token create kim --role rep --expires +30d");
  ASSERT_EQ(expiring.exit_code, 0) << expiring.err;
  for (const std::string& line : {std::string("case list"), std::string("token list"), "case show " + id}) {
    EXPECT_THAT(Type(line).out, ContainsRegex("[0-9][0-9]:[0-9][0-9] (UTC|[+-][0-9][0-9]:[0-9][0-9])")) << line;
  }
  const std::string day = absl::FormatTime("%d %b %Y ", due, absl::UTCTimeZone());
  for (const auto& [zone, shown] : {std::pair("UTC", "12:00 UTC"), std::pair("Asia/Tokyo", "21:00 +09:00")}) {
    const testing::Finished there =
        testing::Run({"/usr/bin/env", absl::StrCat("TZ=", zone), "/bin/sh", "-c", CommandOf("case show " + id)});
    EXPECT_THAT(there.out, HasSubstr(day + shown));
  }
}

TEST_F(User, ReadsLongTextsWrappedOnATerminalAndWholeInAPipe) {
  const std::string id = OpenCase();
  std::string text = "Asked acme for a new date";
  for (int i = 0; i < 20; ++i) absl::StrAppend(&text, " and ", i, " näher am Ende");
  ASSERT_EQ(Type("case note " + id + " --text '" + text + "'").exit_code, 0);
  const std::string said = absl::StrReplaceAll(text, {{"Asked acme", "The customer asks"}});
  ASSERT_EQ(Type("case interaction " + id + " --channel phone --direction inbound --text '" + said + "'").exit_code, 0);
  const std::string promised = absl::StrReplaceAll(text, {{"Asked", "We ask"}});
  ASSERT_EQ(Type("promise make " + id + " --due +2h --what '" + promised + "'").exit_code, 0);
  std::string shown = OnTerminal("--color never case show " + id, 100);
  absl::StrReplaceAll({{"\r", ""}, {"\n", " "}}, &shown);
  absl::RemoveExtraAsciiWhitespace(&shown);
  for (const std::string& whole : {text, said, promised}) {
    EXPECT_THAT(Type("case show " + id).out, HasSubstr(whole)) << "in a pipe";
    EXPECT_THAT(shown, HasSubstr(whole)) << "on a terminal";
  }
  for (const std::string& line : {"case show " + id, std::string("case open --help"), std::string("--help")}) {
    for (absl::string_view row : absl::StrSplit(OnTerminal("--color never " + line, 72), '\n')) {
      row = absl::StripSuffix(row, "\r");
      if (absl::StartsWith(row, "  throughline ") || absl::StrContains(row, "{"))
        continue;  // a command to copy, or one word
      EXPECT_LE(tool::Width({row.data(), row.size()}), 72u) << row;
    }
  }
  EXPECT_THAT(OnTerminal("case show 0000000000000000000000000X", 40), Not(HasSubstr(std::string(41, ' '))));
}

// Errors about a field, from the server, name the option that the user wrote.
TEST_F(User, SeesWhichOptionIsWrong) {
  const std::string id = OpenCase();
  struct Wrong {
    std::string line;
    const char* option;
  };
  const std::vector<Wrong> wrong = {
      {"case open --customer ' C' --channel phone --subject s --text t", "--customer begins or ends with a blank"},
      {"case open --customer C --channel phone --subject '' --text t", "--subject "},
      {"case open --customer C --channel phone --subject s --text ''", "--text "},
      {"case interaction " + id + " --channel phone --direction inbound --text ''", "--text "},
      {"promise make " + id + " --what w --due -2h", "--due "},
      {"promise make " + id + " --what '' --due +2h", "--what "},
      {"case note " + id + " --text t --waiting-on acme", "--next"},
      {"order place SO-W --customer C --promised-by +1d --line 1::1:acme", "--line (item 1: sku) "},
      {"order place SO-W --customer C --promised-by +1d --line 1:L:1:acme --zone Mars/Base", "--zone "},
      {"order add-shipment SO-W ups '!'", "TRACKING_NUMBER "},
      {"order serial SO-W 1 - --place box", "SERIAL_NUMBER "},
      {"order dispute SO-W --text ''", "--text "},
      {"order verify-delivery SO-W --text ''", "--text "},
      {"order collect SO-W --store ''", "--store "},
      {"--as sam notice define 'Not An Id' --name n", "COMPONENT "},
      {"queue --after 'no token'", "--after "},
  };
  for (const Wrong& one : wrong) {
    const testing::Finished ended = Type(one.line);
    EXPECT_EQ(ended.exit_code, 1) << one.line << "\n" << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(one.option)) << one.line;
  }
}

}  // namespace
}  // namespace throughline
