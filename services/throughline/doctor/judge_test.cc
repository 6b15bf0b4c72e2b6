#include "services/throughline/doctor/judge.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::doctor {
namespace {

using State = Finding::State;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

std::string Page(const std::string& lines) {
  return R"(# HELP throughline_replica_info Always 1.
throughline_replica_info{service="intake",replica="a",version="1.0"} 1
throughline_fold_lag_seconds{topic="throughline.intake.log",partition="0"} 0.5
throughline_fold_lag_seconds{topic="throughline.intake.log",partition="1"} 2
process_open_fds 100
process_max_fds 1000
throughline_store_index_bytes 90000000
throughline_store_cache_bytes 134217728
throughline_disk_free_bytes{directory="data"} 50000000000
throughline_disk_size_bytes{directory="data"} 100000000000
throughline_certificate_expiry_timestamp_seconds{certificate="server"} 1.81e+09
throughline_backup_last_success_timestamp_seconds 1.7999e+09
)" + lines;
}

// The state of each check, the worst of several.
std::map<std::string, State> States(const Findings& findings) {
  std::map<std::string, State> states;
  for (const Finding& finding : findings) {
    states[finding.check] = std::max(states[finding.check], finding.state);
    EXPECT_EQ(finding.mend.empty(), finding.state == State::kGood) << finding.check << ": " << finding.what;
  }
  return states;
}

std::map<std::string, State> OfReplica(const std::string& lines, const std::string& version = "1.0") {
  return States(JudgeReplica("a:9470", MetricsPage(Page(lines)), kNow, absl::Hours(100), version));
}

TEST(Judge, AReplicaThatIsWell) {
  for (const auto& [check, state] : OfReplica("")) EXPECT_EQ(state, State::kGood) << check;
  EXPECT_EQ(OfReplica("").size(), 8u);
}

TEST(Judge, EachFaultOfAReplicaIsOneOfItsCheck) {
  const std::pair<const char*, const char*> rows[] = {
      {"lag", "throughline_fold_lag_seconds{partition=\"2\"} 120"},
      {"descriptors", "process_open_fds 950"},
      {"disk",
       "throughline_disk_free_bytes{directory=\"backup\"} 1\nthroughline_disk_size_bytes{directory=\"backup\"} 100"},
      {"certificates", "throughline_certificate_expiry_timestamp_seconds{certificate=\"client_ca\"} 0"},
      {"certificates", "throughline_certificate_expiry_timestamp_seconds{certificate=\"client_ca\"} 1.8e+09"},
      {"versions", "throughline_fold_stopped_partitions 1"},
  };
  for (const auto& [check, line] : rows) {
    for (const auto& [name, state] : OfReplica(std::string(line) + "\n")) {
      EXPECT_EQ(state, name == check ? State::kFault : State::kGood) << name << " with " << line;
    }
  }
  EXPECT_EQ(OfReplica("", "1.1")["versions"], State::kFault);
  EXPECT_EQ(States(JudgeReplica("a:1", MetricsPage(Page("")), kNow, absl::Hours(1), "1.0"))["backups"], State::kFault);
  EXPECT_EQ(States(JudgeReplica("a:1", absl::UnavailableError("nobody"), kNow, absl::Hours(1), "1.0"))["replicas"],
            State::kFault);
}

TEST(Judge, WhatGoesWrongSlowlyIsARiskFirst) {
  EXPECT_EQ(OfReplica("throughline_fold_lag_seconds{partition=\"2\"} 20\n")["lag"], State::kRisk);
  EXPECT_EQ(OfReplica("throughline_store_index_bytes 110000000\n")["cache"], State::kRisk);
  EXPECT_EQ(JudgeDisk("d", 8, 100).state, State::kRisk);
  EXPECT_EQ(JudgeDisk("d", 2, 100).state, State::kFault);
  EXPECT_EQ(JudgeDisk("d", std::nullopt, 0).state, State::kFault);
  EXPECT_EQ(JudgeCertificate("c", kNow + absl::Hours(24 * 30), kNow).state, State::kGood);
  EXPECT_EQ(JudgeCertificate("c", kNow + absl::Hours(24 * 7), kNow).state, State::kRisk);
  EXPECT_EQ(JudgeCertificate("c", kNow + absl::Hours(24), kNow).state, State::kFault);
}

TEST(Judge, AClockIsOffByWhatTheRoundTripCannotExplain) {
  const auto judged = [](absl::Duration broker) {
    return JudgeClock(
        log::ClockDifference{.sent = kNow, .answered = kNow + absl::Milliseconds(40), .stamped = kNow + broker}, "k");
  };
  EXPECT_EQ(judged(absl::Milliseconds(20)).state, State::kGood);
  EXPECT_EQ(judged(absl::Milliseconds(900)).state, State::kGood);
  EXPECT_EQ(judged(absl::Seconds(3)).state, State::kRisk);
  EXPECT_EQ(judged(absl::Minutes(5)).state, State::kFault);
  EXPECT_THAT(judged(absl::Minutes(5)).what, HasSubstr("behind the brokers"));
  EXPECT_THAT(judged(-absl::Minutes(5)).what, HasSubstr("5m ahead of the brokers"));
  EXPECT_EQ(JudgeClock(absl::PermissionDeniedError("no"), "k").state, State::kUnknown);
}

TEST(Judge, TopicsAndBrokersSayWhatToDo) {
  using Topics = std::vector<log::TopicFinding>;
  using Brokers = std::vector<log::BrokerFinding>;
  EXPECT_EQ(States(JudgeTopics(Topics(), Brokers(), "k"))["topics"], State::kGood);
  EXPECT_EQ(States(JudgeTopics(absl::UnavailableError("away"), Brokers(), "k"))["topics"], State::kFault);
  EXPECT_EQ(States(JudgeTopics(Topics({{"t", true, "w", "m"}}), Brokers(), "k"))["topics"], State::kFault);
  EXPECT_EQ(States(JudgeTopics(Topics(), Brokers({{{2}, "", false, "w", "m"}}), "k"))["topics"], State::kRisk);
}

TEST(Judge, BackupsMustBeThereAndNew) {
  const process::Backup old{.service = "intake", .path = "b/1", .taken = kNow - absl::Hours(30)};
  process::Backup fresh = old;
  fresh.taken = kNow - absl::Hours(1);
  const auto judged = [&](absl::StatusOr<std::vector<process::Backup>> backups,
                          const std::vector<process::Unreadable>& unreadable = {}) {
    return States(JudgeBackups("b", backups, unreadable, kNow, absl::Hours(1)))["backups"];
  };
  EXPECT_EQ(judged(std::vector<process::Backup>{old, fresh}), State::kGood);
  EXPECT_EQ(judged(std::vector<process::Backup>{old}), State::kFault);
  EXPECT_EQ(judged(std::vector<process::Backup>{}), State::kFault);
  EXPECT_EQ(judged(absl::NotFoundError("no directory")), State::kFault);
  EXPECT_EQ(judged(std::vector<process::Backup>{fresh}, {{"b/2", absl::DataLossError("torn")}}), State::kFault);
}

}  // namespace
}  // namespace throughline::doctor
