// Stores of `throughline up` are rebuilt with the tool beside the running suite, checked against an outside ledger.

#include <filesystem>
#include <fstream>

#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "libs/runtime/engine/host.h"
#include "libs/store/rocks/replacement.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/throughline/layouts.h"
#include "tests/faults/ledger.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/suite_process.h"

namespace throughline::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RebuildTool : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  std::string Store(const std::string& service) const { return Path("data/stores/") + service; }

  Finished Tool(const std::vector<std::string>& flags, const std::vector<std::string>& before = {}) const {
    std::vector<std::string> command = before;
    for (const std::string& word :
         {Program("throughline"), std::string("--data"), Path("data"), std::string("rebuild")})
      command.push_back(word);
    command.insert(command.end(), flags.begin(), flags.end());
    return testing::Run(command);
  }
  // What --json says, by service.
  static std::map<std::string, nlohmann::json> Answers(const Finished& done) {
    std::map<std::string, nlohmann::json> answers;
    for (absl::string_view line : absl::StrSplit(done.out, '\n', absl::SkipEmpty())) {
      const nlohmann::json answer = nlohmann::json::parse(line.begin(), line.end());
      answers[answer["service"]] = answer;
    }
    return answers;
  }
  void Fill(int64_t commands) {
    const Load load(ledger_, suite_, "load", absl::Milliseconds(2));
    ledger_.AwaitAcknowledged(ledger_.totals().acknowledged + commands);
  }

  TestDirectory directory_;
  Ledger ledger_{Path("ledger.txt")};
  SuiteProcess suite_{Path("data")};
};

TEST_F(RebuildTool, UnderLoadEveryStoreIsEqualAndTakesItsPlace) {
  ASSERT_EQ(suite_.Start(), absl::OkStatus());
  const std::string address = suite_.address();
  Fill(500);
  {
    const Finished compared = Tool({"--rate", "0", "--compare-only"}, {"/usr/bin/env", "LC_ALL=C"});
    EXPECT_EQ(compared.exit_code, 0) << compared.out << compared.err;
    EXPECT_THAT(compared.out, AllOf(HasSubstr("intake: rebuilt from"), HasSubstr("equal to the store that serves")));
    EXPECT_FALSE(fs::exists(store::NextPath(Store("intake"))));

    const Finished all =
        testing::Run({Program("throughline"), "--data", Path("data"), "--json", "rebuild", "--rate", "0"});
    ASSERT_EQ(all.exit_code, 0) << all.out << all.err;
    const auto answers = Answers(all);
    EXPECT_EQ(answers.size(), 4u);
    for (const auto& [service, answer] : answers) EXPECT_TRUE(answer.value("equal", false)) << service << answer;
    EXPECT_TRUE(Eventually([&] {
      const auto page = HttpGet(suite_.metrics_address(), "/intake/metrics");
      return page.ok() && page->find("throughline_rebuild_complete_timestamp_seconds 1") != std::string::npos;
    })) << "a Unix time, and not 0";

    const Load load(ledger_, suite_, "more", absl::Milliseconds(20));
    const Finished switched = Tool({"--service", "intake", "--switch", "--wait"});
    ASSERT_EQ(switched.exit_code, 0) << switched.out << switched.err;
    EXPECT_THAT(switched.out, HasSubstr("the one before is kept in"));
    EXPECT_TRUE(fs::exists(store::PreviousPath(Store("intake"))));
    EXPECT_TRUE(store::ReadRebuilt(Store("ownership"))) << "only the one that was named";
    ledger_.AwaitAcknowledged(ledger_.totals().acknowledged + 200);
  }
  std::ifstream endpoint(Path("data/endpoint"));
  std::string now;
  endpoint >> now;
  EXPECT_EQ(now, address) << "it serves on the same port";
  EXPECT_THAT(ledger_.SettleAndCheck(client::Client(suite_.OptionsFor("ana"))), IsEmpty());
  EXPECT_EQ(Tool({"--confirm"}).exit_code, 0);
  EXPECT_EQ(Tool({"--discard"}).exit_code, 0);
  for (const auto& left : fs::directory_iterator(Path("data/stores"))) {
    EXPECT_EQ(left.path().extension(), "") << left.path();
  }
  EXPECT_EQ(suite_.Terminate(), 0);
  EXPECT_EQ(testing::Run({Program("throughline"), "--data", Path("data"), "verify"}).exit_code, 0);
}

TEST_F(RebuildTool, AKillAtAnyPointLeavesTheOldStoreOrTheNewOne) {
  ASSERT_EQ(suite_.Start(), absl::OkStatus());
  Fill(500);
  const std::string store = Store("intake");
  for (const char* point : {"rebuilding:1", "rebuilding:4", "rebuilt:1"}) {
    const Finished killed = Tool({"--service", "intake", "--rate", "2000", "--switch"},
                                 {"/usr/bin/env", std::string("THROUGHLINE_KILL_POINT=") + point});
    EXPECT_EQ(killed.exit_code, 128 + 9) << point << killed.err;
    EXPECT_FALSE(store::ReadRebuilt(store)) << point;
    suite_.Kill();
    ASSERT_EQ(suite_.Start(), absl::OkStatus()) << point;
  }
  // SIGTERM: it ends by itself, and the next one goes on.
  const Finished cancelled = Tool({"--service", "intake", "--fresh", "--rate", "50"},
                                  {"/usr/bin/timeout", "--preserve-status", "-s", "TERM", "1"});
  EXPECT_EQ(cancelled.exit_code, 3) << cancelled.out << cancelled.err;
  EXPECT_THAT(cancelled.err, HasSubstr("goes on with what is in"));
  // Chosen while no process runs: taken at the next start.
  suite_.Kill();
  const Finished done = Tool({"--service", "intake", "--switch"});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  ASSERT_EQ(suite_.Start(), absl::OkStatus());
  EXPECT_FALSE(fs::exists(store::NextPath(store)));
  EXPECT_TRUE(fs::exists(store::PreviousPath(store)));
  EXPECT_THAT(ledger_.SettleAndCheck(client::Client(suite_.OptionsFor("ana"))), IsEmpty());
}

TEST_F(RebuildTool, FindsADamagedRowAndMendsIt) {
  ASSERT_EQ(suite_.Start(), absl::OkStatus());
  Fill(200);
  ASSERT_EQ(suite_.Terminate(), 0);
  {
    store::RocksKeyValue::Options options = runtime::StoreOptionsOf(*DefinitionOf(log::Topic::kIntake));
    options.path = Store("intake");
    auto store = store::RocksKeyValue::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    std::string key;
    (*store)->Scan("\x02", "", [&](std::string_view found, std::string_view) {
      key = found;
      return false;
    });
    ASSERT_FALSE(key.empty());
    (*store)->Write({{key, std::nullopt}});
  }
  ASSERT_EQ(suite_.Start(), absl::OkStatus());
  const Finished found = Tool({"--service", "intake", "--rate", "0"});
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(found.out, AllOf(HasSubstr("DIFFERENT"), HasSubstr("1 of ")));
  const Finished mended = Tool({"--service", "intake", "--rate", "0", "--switch", "--wait"});
  EXPECT_EQ(mended.exit_code, 0) << mended.out << mended.err;
  EXPECT_TRUE(Eventually([&] { return Tool({"--service", "intake", "--fresh", "--compare-only"}).exit_code == 0; }));
  EXPECT_THAT(ledger_.SettleAndCheck(client::Client(suite_.OptionsFor("ana"))), IsEmpty());
}

TEST_F(RebuildTool, SaysWhatIsMissing) {
  const Finished nothing = Tool({});
  EXPECT_EQ(nothing.exit_code, 4);
  EXPECT_THAT(nothing.err, HasSubstr("there is no store in"));
  const Finished no_log = Tool({"--service", "intake"});
  EXPECT_EQ(no_log.exit_code, 4);
  EXPECT_THAT(no_log.err, HasSubstr("--brokers"));
  EXPECT_EQ(Tool({"--wait"}).exit_code, 2);
  EXPECT_EQ(Tool({"--switch", "--compare-only"}).exit_code, 2);
  EXPECT_EQ(Tool({"--confirm", "--discard"}).exit_code, 2);
  EXPECT_EQ(Tool({"--service", "intak"}).exit_code, 2);
}

}  // namespace
}  // namespace throughline::testing
