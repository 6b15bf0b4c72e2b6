// The probes of a running process, over HTTP, beside its gRPC health.

#include <atomic>
#include <filesystem>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "libs/identity/host.h"
#include "libs/log/embedded/embedded_log.h"
#include "libs/runtime/domain/time.h"
#include "services/intake/intake.h"
#include "services/process/process.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/serving.h"
#include "tests/support/suite_process.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::process {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using throughline::testing::HttpAnswer;

// What the test does to the log of a process.
struct Trouble {
  std::atomic<bool> away{false};    // the log tells nothing
  std::atomic<bool> held{false};    // no records come
  std::atomic<bool> broken{false};  // reading fails
};

class TroubledReader final : public log::Subscription {
 public:
  TroubledReader(std::unique_ptr<log::Subscription> reader, const Trouble& trouble)
      : reader_(std::move(reader)), trouble_(trouble) {}
  absl::StatusOr<std::vector<log::RecordPtr>> Poll(size_t max_records) override {
    if (trouble_.broken) return absl::DataLossError("a record is damaged");
    if (trouble_.held) return std::vector<log::RecordPtr>();
    return reader_->Poll(max_records);
  }

 private:
  const std::unique_ptr<log::Subscription> reader_;
  const Trouble& trouble_;
};

class TroubledLog final : public MeasuredLog {
 public:
  TroubledLog(std::unique_ptr<log::EventLog> log, const Trouble& trouble)
      : MeasuredLog(std::move(log)), trouble_(trouble) {}
  void QueryEnds(std::vector<log::Partition> partitions, Ends done) override {
    if (trouble_.away) return done(absl::UnavailableError("no broker answers"));
    MeasuredLog::QueryEnds(std::move(partitions), std::move(done));
  }
  void Append(log::Partition partition, std::string key, std::string value, Appended done) override {
    if (trouble_.away) return done(absl::UnavailableError("no broker answers"));
    MeasuredLog::Append(partition, std::move(key), std::move(value), std::move(done));
  }
  absl::StatusOr<std::unique_ptr<log::Subscription>> Subscribe(std::vector<log::Position> from,
                                                               std::function<void()> wake) override {
    auto reader = MeasuredLog::Subscribe(std::move(from), std::move(wake));
    if (!reader.ok()) return reader.status();
    return std::make_unique<TroubledReader>(*std::move(reader), trouble_);
  }

 private:
  const Trouble& trouble_;
};

class Probes : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::Now()).ok()); }

  std::unique_ptr<log::EmbeddedLog> OpenLog() const {
    log::EmbeddedLog::Options options;
    options.path = directory_.path() + "/log";
    options.partitions = 2;
    auto opened = log::EmbeddedLog::Open(options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  // Appends records that are no commits, or one commit of a newer version.
  void Fill(int records, bool newer = false) const {
    const std::unique_ptr<log::EmbeddedLog> log = OpenLog();
    log::v1::Commit commit;
    commit.set_stream("case/1");
    commit.set_version(1);
    commit.set_command_id("c");
    commit.mutable_actor()->set_id("ana");
    commit.set_schema_version(1000);
    commit.add_events()->set_type("throughline.intake.v1.CaseSealed");
    for (int i = 0; i < records; ++i) {
      absl::Notification appended;
      log->Append({log::Topic::kIntake, i % 2}, "case/1", newer ? commit.SerializeAsString() : "not a commit",
                  [&](const absl::StatusOr<int64_t>& offset) {
                    EXPECT_TRUE(offset.ok()) << offset.status();
                    appended.Notify();
                  });
      appended.WaitForNotification();
    }
  }
  void Start() {
    Process::Options options;
    options.data = directory_.path() + "/data";
    options.tokens = identity::TokensPath(directory_.path());
    options.on_failure = [this](const absl::Status&) { failed_.Notify(); };
    std::unique_ptr<log::EmbeddedLog> embedded = OpenLog();
    OpenedLog log;
    log.join = [raw = embedded.get()](const std::string& group, const std::vector<log::Topic>& topics) {
      return raw->AssignPartitions(group, topics);
    };
    log.log = std::make_unique<TroubledLog>(std::move(embedded), trouble_);
    std::vector<Service> services;
    services.push_back(ServiceOf(intake::Define, intake::MakeApi, intake::Config()));
    auto process = Process::Start(std::move(options), std::move(log), std::move(services));
    ASSERT_TRUE(process.ok()) << process.status();
    process_ = *std::move(process);
  }
  HttpAnswer Ask(const std::string& path) const {
    const auto answer = throughline::testing::HttpAsk(process_->metrics_address(), path);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(HttpAnswer());
  }
  // Whether a probe answers 200, for the service and for the process; /readyz also: whether gRPC health says SERVING.
  bool Passes(const std::string& probe) const {
    const bool passes = Ask("/" + probe).status == 200;
    EXPECT_EQ(Ask("/intake/" + probe).status, passes ? 200 : 503);
    if (probe == "readyz") EXPECT_EQ(throughline::testing::IsServing(process_->endpoint()), passes);
    return passes;
  }
  bool BecomesReady() const {
    return Eventually([&] { return process_->UpdateHealth(); });
  }

  TestDirectory directory_;
  Trouble trouble_;
  absl::Notification failed_;
  std::unique_ptr<Process> process_;
};

TEST_F(Probes, TellAStartFromAServiceThatHasCaughtUp) {
  Fill(25);
  trouble_.held = true;
  Start();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_FALSE(process_->UpdateHealth());
    return Ask("/startupz").body == "starting: 25 records of the log left to fold\n";
  })) << Ask("/startupz").body;
  EXPECT_TRUE(Passes("livez"));
  EXPECT_FALSE(Passes("startupz"));
  EXPECT_FALSE(Passes("readyz"));
  EXPECT_EQ(Ask("/readyz").body, Ask("/startupz").body);
  trouble_.held = false;
  EXPECT_TRUE(BecomesReady());
  EXPECT_TRUE(Passes("livez"));
  EXPECT_TRUE(Passes("startupz"));
  EXPECT_TRUE(Passes("readyz"));
  EXPECT_EQ(Ask("/readyz").body, "ready\n");
  EXPECT_THAT(Ask("/metrics").body, HasSubstr("throughline_fold_lag_records"));
  EXPECT_EQ(Ask("/ownership/readyz").status, 404);
}

TEST_F(Probes, ALogThatIsAwayIsNoReasonToStartAgain) {
  trouble_.away = true;
  Start();
  EXPECT_FALSE(process_->UpdateHealth());
  EXPECT_TRUE(Passes("livez"));
  EXPECT_FALSE(Passes("startupz"));
  EXPECT_EQ(Ask("/startupz").body, "starting: the log has not told yet where it ends\n");
  trouble_.away = false;
  EXPECT_TRUE(BecomesReady());
  trouble_.away = true;
  EXPECT_TRUE(process_->UpdateHealth());
  EXPECT_TRUE(Passes("livez"));
  EXPECT_TRUE(Passes("startupz"));
  EXPECT_TRUE(Passes("readyz")) << "reads go on";
}

TEST_F(Probes, APartitionStoppedAtANewerEventIsLiveAndNotReady) {
  Fill(1, true);
  Start();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_FALSE(process_->UpdateHealth());
    return Ask("/startupz").status == 200;
  })) << Ask("/startupz").body;
  EXPECT_TRUE(Passes("livez"));
  EXPECT_TRUE(Passes("startupz"));
  EXPECT_FALSE(Passes("readyz"));
  EXPECT_THAT(Ask("/readyz").body, AllOf(HasSubstr("a partition is stopped: throughline.intake.log/0@0: "),
                                         HasSubstr("start a newer version")));
}

TEST_F(Probes, AServiceThatStoppedForGoodIsNotLive) {
  Start();
  EXPECT_TRUE(BecomesReady());
  trouble_.broken = true;
  ASSERT_TRUE(failed_.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_EQ(Ask("/livez").status, 503);
  EXPECT_EQ(Ask("/livez").body, "stopped: a record is damaged\n");
  EXPECT_EQ(Ask("/intake/readyz").status, 503);
}

TEST_F(Probes, AFailureOfTheLogIsNotLive) {
  Start();
  EXPECT_TRUE(BecomesReady());
  process_->Fail(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_EQ(Ask("/livez").status, 503);
  EXPECT_EQ(Ask("/livez").body, "stopped: the disk is full\n");
}

}  // namespace
}  // namespace throughline::process
