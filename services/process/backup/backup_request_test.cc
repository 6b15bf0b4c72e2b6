#include "services/process/backup/backup_request.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/test_directory.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(20);

class BackupRequests : public ::testing::Test {
 protected:
  // Serves in a thread of its own, as a process does.
  class Server {
   public:
    Server(const std::string& data, std::function<absl::StatusOr<Backup>(const std::string&)> take)
        : desk_(*BackupDesk::Open(data)), take_(std::move(take)), thread_([this] {
            while (!stop_) desk_->Serve(take_);
          }) {}
    ~Server() {
      stop_ = true;
      thread_.join();
    }

   private:
    const std::unique_ptr<BackupDesk> desk_;
    const std::function<absl::StatusOr<Backup>(const std::string&)> take_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
  };
  // A backup that `take` could have returned.
  Backup Made(const std::string& directory) const {
    Backup backup{.kind = Backup::Kind::kLog, .log = "7", .path = directory + "/log-1"};
    fs::create_directories(backup.path);
    std::ofstream(backup.path + "/BACKUP") << "kind=log\nlog=7\nrecords=3\n";
    return backup;
  }
  std::vector<std::string> Left() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(data_ + "/backup-requests")) names.push_back(file.path().filename());
    return names;
  }

  TestDirectory directory_;
  const std::string data_ = directory_.path() + "/data";
};

TEST_F(BackupRequests, AreAnsweredOnceEachWithWhatWasAskedFor) {
  std::atomic<int> taken{0};
  Server server(data_, [&](const std::string& directory) {
    ++taken;
    return Made(directory);
  });
  std::vector<std::thread> tools;
  for (int i = 0; i < 6; ++i) {
    tools.emplace_back([&, to = directory_.path() + "/to-" + std::to_string(i)] {
      for (int n = 0; n < 10; ++n) {
        const auto backup = RequestBackup(data_, to, kPatience);
        ASSERT_TRUE(backup.ok()) << backup.status();
        EXPECT_EQ(backup->path, to + "/log-1");
        EXPECT_EQ(backup->records, 3);
      }
    });
  }
  for (std::thread& tool : tools) tool.join();
  EXPECT_EQ(taken, 60);
  EXPECT_THAT(Left(), ::testing::ElementsAre("desk"));
  EXPECT_EQ(fs::status(data_ + "/backup-requests").permissions(), fs::perms::owner_all);
}

TEST_F(BackupRequests, ThatAreRefusedSayWhatTheProcessSays) {
  Server server(data_, [&](const std::string& directory) -> absl::StatusOr<Backup> {
    return absl::FailedPreconditionError("cannot write '" + directory + "'\n: no space");
  });
  EXPECT_EQ(RequestBackup(data_, "", kPatience).status(), absl::FailedPreconditionError("cannot write ''\n: no space"));
}

TEST_F(BackupRequests, WithoutAProcessAreNotWaitedFor) {
  EXPECT_EQ(RequestBackup(data_, "/x", kPatience).status().code(), absl::StatusCode::kNotFound);
  BackupDesk::Open(data_).value().reset();
  EXPECT_EQ(RequestBackup(data_, "/x", kPatience).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(BackupRequests, EndWithTheProcess) {
  auto desk = *BackupDesk::Open(data_);
  absl::Status told;
  std::thread tool([&] { told = RequestBackup(data_, "/x", absl::InfiniteDuration()).status(); });
  while (Left().size() < 2) std::this_thread::yield();  // the request is there
  desk.reset();
  tool.join();
  EXPECT_EQ(told.code(), absl::StatusCode::kUnavailable) << told;
}

TEST_F(BackupRequests, OfToolsThatAreGoneAreDropped) {
  auto desk = *BackupDesk::Open(data_);
  EXPECT_EQ(RequestBackup(data_, "/x", absl::Milliseconds(1)).status().code(), absl::StatusCode::kDeadlineExceeded);
  for (const char* left : {"1-1-1.asked", "1-1-1.answer", "2-2-2.answer"}) {
    std::ofstream(data_ + "/backup-requests/" + left) << "/x";
  }
  int taken = 0;
  const auto take = [&](const std::string& directory) {
    ++taken;
    return Made(directory);
  };
  desk->Serve(take);
  EXPECT_EQ(taken, 0) << "nobody waits for it";
  EXPECT_THAT(Left(), ::testing::UnorderedElementsAre("desk", "2-2-2.answer"));
  desk.reset();
  desk = *BackupDesk::Open(data_);
  EXPECT_THAT(Left(), ::testing::ElementsAre("desk"));
}

TEST_F(BackupRequests, HaveOneDeskInADataDirectory) {
  const auto desk = *BackupDesk::Open(data_);
  const absl::Status second = BackupDesk::Open(data_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.message()), HasSubstr("in use by another process"));
  EXPECT_EQ(BackupDesk::Open("/proc/none").status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace throughline::process
