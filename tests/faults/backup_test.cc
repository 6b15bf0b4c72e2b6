// Backups of the log of `throughline up`, taken and restored with the tool under load, checked against an outside
// ledger.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/faults/ledger.h"
#include "tests/support/small_disk.h"
#include "tests/support/suite_process.h"

namespace throughline::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Finished Tool(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), Program("throughline"));
  return Run(arguments);
}

// The output of a suite that fails to start.
Finished RefusedUp(const std::string& data, const std::vector<std::string>& more = {}) {
  std::vector<std::string> command = {"/usr/bin/timeout", "-k", "2",      "20", Program("throughline"), "up",
                                      "--data",           data, "--port", "0",  "--metrics-port",       "-1"};
  command.insert(command.end(), more.begin(), more.end());
  return Run(command);
}

// The largest file with that ending.
fs::path Largest(const std::string& folder, const std::string& ending) {
  fs::path largest;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() != ending) continue;
    if (largest.empty() || file.file_size() > fs::file_size(largest)) largest = file.path();
  }
  return largest;
}

class Backup : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  // Returns its path; empty if it failed.
  std::string Take(const SuiteProcess& suite, const std::string& to) {
    const Finished took = Tool({"--data", suite.data(), "--json", "backup", "take", "--to", to});
    EXPECT_EQ(took.exit_code, 0) << took.out << took.err;
    return took.exit_code == 0 ? nlohmann::json::parse(took.out)["path"].get<std::string>() : "";
  }
  void RefusesToRestore(const std::string& from, const std::string& data, int exit_code, const std::string& why) {
    const Finished restored = Tool({"--data", data, "restore", "--from", from});
    EXPECT_EQ(restored.exit_code, exit_code) << restored.out << restored.err;
    EXPECT_THAT(restored.err, HasSubstr(why));
    EXPECT_EQ(std::count(restored.err.begin(), restored.err.end(), '\n'), 1) << restored.err;
  }

  TestDirectory directory_;
  Ledger before_{Path("before.txt")}, meanwhile_{Path("meanwhile.txt")}, after_{Path("after.txt")};
};

TEST_F(Backup, UnderLoadHoldsEverythingAcknowledgedBefore) {
  SuiteProcess suite(Path("data"));
  ASSERT_EQ(suite.Start(), absl::OkStatus());
  {
    const Load load(before_, suite, "before");
    before_.AwaitAcknowledged(2000);
  }
  std::string backup;
  {
    const Load load(meanwhile_, suite, "meanwhile");
    meanwhile_.AwaitAcknowledged(200);
    backup = Take(suite, Path("backups"));
    ASSERT_FALSE(backup.empty());
    meanwhile_.AwaitAcknowledged(meanwhile_.totals().acknowledged + 500);
    suite.Kill();
  }
  fs::rename(Path("data"), Path("lost"));

  const Finished proven = Tool({"backup", "verify", backup});
  EXPECT_EQ(proven.exit_code, 0) << proven.out << proven.err;
  EXPECT_THAT(proven.out, HasSubstr("is sound"));
  const Finished walked = Tool({"--data", backup, "--json", "verify"});
  EXPECT_EQ(walked.exit_code, 0) << walked.out << walked.err;
  EXPECT_EQ(nlohmann::json::parse(walked.out)["notes"], nlohmann::json::array());
  const Finished restored = Tool({"--data", Path("new"), "restore", "--from", backup});
  ASSERT_EQ(restored.exit_code, 0) << restored.out << restored.err;

  SuiteProcess again(Path("new"));
  ASSERT_EQ(again.Start(), absl::OkStatus());
  const client::Client ana(again.OptionsFor("ana"));
  EXPECT_THAT(before_.SettleAndCheck(ana), IsEmpty());
  {
    const Load load(after_, again, "after");
    after_.AwaitAcknowledged(500);
  }
  EXPECT_THAT(after_.SettleAndCheck(ana), IsEmpty());
  EXPECT_EQ(again.Terminate(), 0);
  const Finished verify = Tool({"--data", Path("new"), "verify"});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
  // The backup is unchanged: the restored log shares no file with it.
  EXPECT_EQ(Tool({"backup", "verify", backup}).out, proven.out);

  // A restore refuses a directory with stores that have folded more than the log holds. If an operator copies one
  // there, the start detects it.
  ASSERT_EQ(Tool({"--data", Path("mixed"), "restore", "--from", backup}).exit_code, 0);
  fs::copy(Path("new") + "/stores", Path("mixed") + "/stores", fs::copy_options::recursive);
  const Finished mixed = RefusedUp(Path("mixed"));
  EXPECT_EQ(mixed.exit_code, 70) << mixed.out << mixed.err;
  EXPECT_THAT(mixed.err, AllOf(HasSubstr(Path("mixed") + "/log ends at"), HasSubstr("it was truncated")));
}

TEST_F(Backup, OfALogWithoutARunningSuiteIsTaken) {
  SuiteProcess suite(Path("data"));
  ASSERT_EQ(suite.Start({"--partitions", "3"}), absl::OkStatus());
  {
    const Load load(before_, suite, "before");
    before_.AwaitAcknowledged(100);
  }
  suite.Kill();
  const Finished where = Tool({"--data", suite.data(), "backup", "take"});
  EXPECT_EQ(where.exit_code, 1);
  EXPECT_THAT(where.err, HasSubstr("--to"));
  const std::string backup = Take(suite, Path("backups"));
  ASSERT_EQ(Tool({"--data", Path("new"), "restore", "--from", backup}).exit_code, 0);
  SuiteProcess again(Path("new"));
  ASSERT_EQ(again.Start({"--partitions", "3"}), absl::OkStatus());
  EXPECT_THAT(before_.SettleAndCheck(client::Client(again.OptionsFor("ana"))), IsEmpty());
  EXPECT_EQ(again.Terminate(), 0);
  const Finished nothing = Tool({"--data", Path("nothing"), "backup", "take", "--to", Path("backups")});
  EXPECT_EQ(nothing.exit_code, 4);
  EXPECT_FALSE(fs::exists(Path("nothing"))) << "asking for a backup makes no log";
}

TEST_F(Backup, IsNotRestoredIfDamagedOrOverALog) {
  SuiteProcess suite(Path("data"));
  ASSERT_EQ(suite.Start(), absl::OkStatus());
  {
    const Load load(before_, suite, "before");
    before_.AwaitAcknowledged(1000);
  }
  const std::string backup = Take(suite, Path("backups"));
  ASSERT_FALSE(backup.empty());
  RefusesToRestore(backup, suite.data(), 1, "there is " + suite.data() + "/log already");
  EXPECT_EQ(suite.Terminate(), 0);
  RefusesToRestore(backup, suite.data(), 1, "there is " + suite.data() + "/log already");
  fs::remove_all(suite.data() + "/log");
  RefusesToRestore(backup, suite.data(), 1, "there is " + suite.data() + "/stores/intake already");
  RefusesToRestore(Path("backups"), Path("new"), 4, "there is no backup at");
  const Finished replace = Tool({"--data", suite.data(), "restore", "--replace", "--from", backup});
  EXPECT_EQ(replace.exit_code, 1);
  EXPECT_THAT(replace.err, HasSubstr("never replaced"));

  const fs::path table = Largest(backup, ".sst");
  ASSERT_FALSE(table.empty());
  {
    std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(fs::file_size(table) / 3));
    const char bits = static_cast<char>(file.get() ^ 0x10);
    file.seekp(static_cast<std::streamoff>(fs::file_size(table) / 3));
    file.put(bits);
  }
  const Finished verify = Tool({"backup", "verify", backup});
  EXPECT_EQ(verify.exit_code, 1) << verify.out;
  EXPECT_THAT(verify.err, AllOf(HasSubstr(backup), HasSubstr("damaged")));
  RefusesToRestore(backup, Path("new"), 1, "damaged");
  fs::remove(table);
  RefusesToRestore(backup, Path("new"), 1, "damaged");
  fs::remove(backup + "/CURRENT");
  RefusesToRestore(backup, Path("new"), 1, "damaged");
  EXPECT_FALSE(fs::exists(Path("new")));
}

TEST_F(Backup, ThatDoesNotFitIsReportedAndTheLogContinues) {
  const SmallDisk disk(1);
  if (!disk.mounted()) {
    ASSERT_FALSE(disk.required()) << disk.HowToGetIt("a full disk for backups");
    std::cerr << disk.HowToGetIt("a full disk for backups");
    GTEST_SKIP();
  }
  SuiteProcess suite(Path("data"));
  ASSERT_EQ(suite.Start({"--log-level", "error"}), absl::OkStatus());
  {
    const Load load(before_, suite, "before");
    before_.AwaitAcknowledged(3000);
    for (const std::string& where : {disk.path(), std::string("/proc/backups"), suite.data() + "/backups"}) {
      const Finished refused = Tool({"--data", suite.data(), "backup", "take", "--to", where});
      EXPECT_EQ(refused.exit_code, 1) << refused.out << refused.err;
      EXPECT_THAT(refused.err, HasSubstr(where));
      EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    }
    EXPECT_TRUE(fs::is_empty(disk.path())) << "what was begun is removed";
    before_.AwaitAcknowledged(before_.totals().acknowledged + 500);
  }
  EXPECT_THAT(before_.SettleAndCheck(client::Client(suite.OptionsFor("ana"))), IsEmpty());
  EXPECT_FALSE(Take(suite, Path("backups")).empty()) << "where there is room";
  EXPECT_EQ(suite.Terminate(), 0);
}

TEST_F(Backup, FollowsTheScheduleAndKeepsTheNewest) {
  const Finished within = RefusedUp(Path("data"), {"--backup-dir", Path("data") + "/backups"});
  EXPECT_EQ(within.exit_code, 1) << within.out << within.err;
  EXPECT_THAT(within.err, HasSubstr("would be lost with it"));
  const Finished often = RefusedUp(Path("data"), {"--backup-dir", Path("x"), "--backup-every", "1ms"});
  EXPECT_EQ(often.exit_code, 2) << often.out << often.err;

  SuiteProcess suite(Path("data"));
  ASSERT_EQ(suite.Start({"--backup-dir", Path("backups"), "--backup-every", "1s", "--backup-keep", "2"}),
            absl::OkStatus());
  const auto list = [&] {
    std::vector<std::string> paths;
    const Finished listed = Tool({"--json", "backup", "list", Path("backups")});
    for (absl::string_view line : absl::StrSplit(listed.out, '\n', absl::SkipEmpty())) {
      paths.push_back(nlohmann::json::parse(line)["path"].get<std::string>());
    }
    return paths;
  };
  std::vector<std::string> first, last;
  const absl::Time patience = absl::Now() + absl::Seconds(60);
  while (first.empty() && absl::Now() < patience) first = list();
  ASSERT_FALSE(first.empty());
  while (absl::Now() < patience) {
    last = list();
    if (last.size() == 2 && last.front() > first.back()) break;
  }
  ASSERT_EQ(last.size(), 2u) << absl::StrJoin(last, " ");
  EXPECT_FALSE(fs::exists(first.front())) << "it was rotated out";
  // On demand, without a directory: into the usual one.
  EXPECT_EQ(suite.Terminate(), 0);
  ASSERT_EQ(suite.Start({"--backup-dir", Path("backups"), "--backup-keep", "2"}), absl::OkStatus());
  const Finished took = Tool({"--data", suite.data(), "--json", "backup", "take"});
  EXPECT_EQ(took.exit_code, 0) << took.out << took.err;
  EXPECT_THAT(nlohmann::json::parse(took.out)["path"].get<std::string>(), StartsWith(Path("backups") + "/log-"));
}

}  // namespace
}  // namespace throughline::testing
