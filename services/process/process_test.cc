#include "services/process/process.h"

#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "libs/log/embedded/embedded_log.h"
#include "libs/runtime/domain/time.h"
#include "services/intake/intake.h"
#include "tests/support/http_get.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::process {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

OpenedLog OpenEmbedded(const std::string& path) {
  log::EmbeddedLog::Options options;
  options.path = path;
  options.partitions = 2;
  auto opened = log::EmbeddedLog::Open(options);
  EXPECT_TRUE(opened.ok()) << opened.status();
  log::EmbeddedLog* embedded = opened->get();
  OpenedLog log;
  log.log = *std::move(opened);
  log.join = [embedded](const std::string& group, const std::vector<log::Topic>& topics) {
    return embedded->AssignPartitions(group, topics);
  };
  return log;
}

// Notifies when it is flushed.
class FlushedLog final : public MeasuredLog {
 public:
  FlushedLog(std::unique_ptr<log::EventLog> log, absl::Notification* flushed)
      : MeasuredLog(std::move(log)), flushed_(flushed) {}
  size_t Flush(absl::Time deadline) override {
    const size_t left = MeasuredLog::Flush(deadline);
    if (flushed_ != nullptr) flushed_->Notify();
    return left;
  }

 private:
  absl::Notification* const flushed_;
};

// A system clock that the test sets.
class SetClock final : public runtime::SystemClock {
 public:
  absl::Time Now() const override { return SystemClock::Now() + absl::Hours(hours_ahead.load()); }
  std::atomic<int> hours_ahead{0};
};

intake::v1::OpenCaseRequest ACase() {
  intake::v1::OpenCaseRequest request;
  request.set_customer_id("C-7");
  request.set_subject("Where is it?");
  request.set_text("Promised for Friday");
  request.set_channel(intake::v1::CHANNEL_PHONE);
  return request;
}

class OneService : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Process>> Start(BackupPlan backups = {}, absl::Notification* flushed = nullptr,
                                                 int metrics_port = -1) {
    Process::Options options;
    options.backups = std::move(backups);
    options.data = directory_.path() + "/data";
    options.tokens = identity::TokensPath(directory_.path());
    options.metrics_port = metrics_port;
    options.clock = &clock_;
    std::vector<Service> services;
    services.push_back(ServiceOf(intake::Define, intake::MakeApi, intake::Config()));
    OpenedLog log = OpenEmbedded(directory_.path() + "/log");
    log.log = std::make_unique<FlushedLog>(std::move(log.log), flushed);
    return Process::Start(std::move(options), std::move(log), std::move(services));
  }
  client::Options As(const std::string& who, const std::string& address) const {
    client::Options options;
    options.address = address;
    options.token = testing::SuiteProcess(directory_.path()).token(who);
    return options;
  }

  TestDirectory directory_;
  SetClock clock_;
};

TEST_F(OneService, NeedsCredentials) { EXPECT_EQ(Start().status().code(), absl::StatusCode::kNotFound); }

TEST_F(OneService, ServesFromStartToStop) {
  ASSERT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::Now()).ok());
  const std::string endpoint = EndpointPath(directory_.path() + "/data");
  {
    auto process = Start();
    ASSERT_TRUE(process.ok()) << process.status();
    while (!(*process)->UpdateHealth()) std::this_thread::yield();
    EXPECT_TRUE(std::filesystem::exists(endpoint));
    (*process)->Stop(absl::Seconds(5));
    EXPECT_FALSE(std::filesystem::exists(endpoint));
  }
  EXPECT_TRUE(Start().ok()) << "again, on the same directory";
}

TEST_F(OneService, ItsDirectoriesAreReadableByItsUserOnly) {
  ASSERT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::Now()).ok());
  const auto process = Start();
  ASSERT_TRUE(process.ok()) << process.status();
  const std::filesystem::path data = directory_.path() + "/data";
  std::vector<std::filesystem::path> directories = {data};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
    if (entry.is_directory()) directories.push_back(entry.path());
  }
  EXPECT_GT(directories.size(), 1u) << "its store is missing";
  for (const auto& made : directories) {
    EXPECT_EQ(std::filesystem::status(made).permissions(), std::filesystem::perms::owner_all) << made;
  }
}

TEST_F(OneService, FlushesTheLogBeforeItWaitsForABackup) {
  ASSERT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::Now()).ok());
  const std::string backups = directory_.path() + "/backups";
  absl::Notification flushed;
  auto process = Start({.directory = backups, .every = absl::Milliseconds(1)}, &flushed, 0);
  ASSERT_TRUE(process.ok()) << process.status();
  while (!(*process)->UpdateHealth()) std::this_thread::yield();
  // A FIFO as a BACKUP file: reading it blocks until the test closes the other end.
  std::filesystem::create_directories(backups + "/slow");
  ASSERT_EQ(mkfifo((backups + "/slow/BACKUP").c_str(), 0600), 0);
  int slow = -1;
  while ((slow = open((backups + "/slow/BACKUP").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) {
    std::this_thread::yield();
  }
  std::thread stopper([&] { (*process)->Stop(absl::Seconds(5)); });
  EXPECT_TRUE(flushed.WaitForNotificationWithTimeout(absl::Seconds(20)));
  // The probes answer to the end.
  const std::string probes = (*process)->metrics_address();
  const auto live = testing::HttpAsk(probes, "/livez");
  const auto ready = testing::HttpAsk(probes, "/intake/readyz");
  ASSERT_TRUE(live.ok() && ready.ok()) << live.status() << ready.status();
  EXPECT_EQ(live->status, 200) << "a drain must not be cut short by a restart";
  EXPECT_EQ(live->body, "live, draining\n");
  EXPECT_EQ(ready->status, 503);
  EXPECT_EQ(ready->body, "draining\n");
  std::filesystem::remove_all(backups + "/slow");  // otherwise the next listing would block on it
  close(slow);
  stopper.join();
}

// The metrics of a process that starts, or a message.
std::string MetricsOf(const absl::StatusOr<std::unique_ptr<Process>>& process) {
  if (!process.ok()) return process.status().ToString();
  const std::string address = server::JoinHostPort("127.0.0.1", (*process)->metrics_port());
  return testing::HttpGet(address, "/metrics").value_or("");
}

TEST_F(OneService, StartsFromABackupUnlessToldOtherwise) {
  ASSERT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::Now()).ok());
  BackupPlan plan{.directory = directory_.path() + "/backups"};
  const int any_port = 0;
  {
    auto process = Start(plan, nullptr, any_port);
    ASSERT_TRUE(process.ok()) << process.status();
    while (!(*process)->UpdateHealth()) std::this_thread::yield();
    EXPECT_THAT(MetricsOf(process), HasSubstr("\nthroughline_backup_restored_records 0\n"));
    const client::Client ana(As("ana", (*process)->endpoint()));
    ASSERT_TRUE(ana.Call<intake::v1::OpenCaseResponse>(ACase()).ok());
    ASSERT_TRUE(RequestBackup(directory_.path() + "/data", "", absl::Seconds(30)).ok());
  }
  std::filesystem::remove_all(directory_.path() + "/data/stores");
  EXPECT_THAT(MetricsOf(Start(plan, nullptr, any_port)),
              AllOf(HasSubstr("\nthroughline_backup_restored_records "), Not(HasSubstr("restored_records 0\n"))));
  std::filesystem::remove_all(directory_.path() + "/data/stores");
  plan.restore = false;
  EXPECT_THAT(MetricsOf(Start(plan, nullptr, any_port)),
              AllOf(HasSubstr("throughline_commits"), Not(HasSubstr("throughline_backup_restored_records"))));
}

TEST_F(OneService, DecidesCommandsAtATimeThatCanBeTrusted) {
  ASSERT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::Now()).ok());
  auto process = Start();
  ASSERT_TRUE(process.ok()) << process.status();
  while (!(*process)->UpdateHealth()) std::this_thread::yield();
  clock_.hours_ahead = 5;
  const client::Client ana(As("ana", (*process)->endpoint()));
  const auto opened = ana.Call<intake::v1::OpenCaseResponse>(ACase());
  ASSERT_TRUE(opened.ok()) << opened.status();
  intake::v1::GetCaseRequest get;
  get.set_case_id(opened->case_id());
  const auto shown = ana.Call<intake::v1::GetCaseResponse>(get);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_LT(runtime::FromProto(shown->case_().opened_at()), absl::Now() + absl::Hours(1));
}

TEST_F(OneService, ClientsSkipAReplicaThatDoesNotAnswer) {
  ASSERT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::Now()).ok());
  auto process = Start();
  ASSERT_TRUE(process.ok()) << process.status();
  client::Options options = As("ana", "intake=127.0.0.1:1,127.0.0.1:2," + (*process)->endpoint());
  options.tries = 3;
  const client::Client ana(options);
  const auto opened = ana.Call<intake::v1::OpenCaseResponse>(ACase());
  ASSERT_TRUE(opened.ok()) << opened.status();

  // A stream finds the second replica as well; then a call with a single try does, too.
  intake::v1::WatchCaseRequest watch;
  watch.set_case_id(opened->case_id());
  int heard = 0;
  const client::Client other(options);
  const absl::Status watched = other.Watch<intake::v1::WatchCaseResponse>(
      watch, [&](const auto&) { return ++heard < 1; }, absl::Seconds(20));
  EXPECT_EQ(watched, absl::OkStatus());
  EXPECT_EQ(heard, 1);
  intake::v1::GetCaseRequest get;
  get.set_case_id(opened->case_id());
  EXPECT_TRUE(other.Call<intake::v1::GetCaseResponse>(get).ok());
}

}  // namespace
}  // namespace throughline::process
