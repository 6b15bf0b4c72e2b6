// A full disk (a real one): the suite stops at once with a clear error, and starts again when there is space.

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hostile/up.h"
#include "tests/support/small_disk.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::hostile {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (disk_.mounted()) return;
    ASSERT_FALSE(disk_.required()) << disk_.HowToGetIt("a full disk");
    std::cerr << disk_.HowToGetIt("a full disk");
    GTEST_SKIP();
  }

  // Small, but large enough for what RocksDB preallocates for five write-ahead logs.
  SmallDisk disk_{256};
};

intake::v1::OpenCaseRequest Request(const std::string& id) {
  intake::v1::OpenCaseRequest request;
  request.set_command_id(id);
  request.set_customer_id("c-" + id);
  request.set_subject("s");
  request.set_text(id + std::string(12'000, 't'));
  request.set_channel(intake::v1::CHANNEL_PHONE);
  return request;
}

TEST_F(FullDisk, StopsAtOnceAndLosesNothing) {
  const std::string data = disk_.path() + "/data";
  Up up(data);
  ASSERT_EQ(up.Start({"--cache-mib", "8"}), absl::OkStatus()) << up.Said();
  disk_.Fill(20 << 20);
  absl::Mutex mutex;
  std::vector<std::pair<std::string, std::string>> acknowledged;  // command id, case id
  std::vector<absl::Status> errors;
  const client::Client ana(up.OptionsFor("ana", 1));
  std::vector<std::thread> senders;
  for (int sender = 0; sender < 8; ++sender) {
    senders.emplace_back([&, sender] {
      for (int i = 0;; ++i) {
        const std::string id = absl::StrCat(sender, "-", i);
        const auto opened = ana.Call<intake::v1::OpenCaseResponse>(Request(id));
        absl::MutexLock lock(&mutex);
        if (!opened.ok()) return errors.push_back(opened.status());
        acknowledged.emplace_back(id, opened->case_id());
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(up.WaitForEnd(), 70);
  EXPECT_GT(acknowledged.size(), 200u);
  EXPECT_THAT(up.Said(), AllOf(HasSubstr(disk_.path()), AnyOf(HasSubstr("disk full"), HasSubstr("disk is full")),
                               HasSubstr("free space"), AnyOf(HasSubstr("restart"), HasSubstr("start again"))));
  for (const absl::Status& error : errors) {
    // UNAVAILABLE: the outcome is unknown, and the same command id may be sent again.
    EXPECT_THAT(error.code(), AnyOf(absl::StatusCode::kUnavailable, absl::StatusCode::kFailedPrecondition)) << error;
  }
  std::cout << acknowledged.size() << " acknowledged before the disk was full; " << errors[0] << "\n";

  disk_.Empty();
  Up again(data);
  ASSERT_EQ(again.Start({"--cache-mib", "8"}), absl::OkStatus()) << again.Said();
  const client::Client after(again.OptionsFor("ana"));
  for (const auto& [id, case_id] : acknowledged) {
    intake::v1::GetCaseRequest get;
    get.set_case_id(case_id);
    const auto got = after.Call<intake::v1::GetCaseResponse>(get);
    ASSERT_TRUE(got.ok()) << "acknowledged and lost: " << id << ": " << got.status();
    ASSERT_EQ(got->case_().text(), Request(id).text());
  }
  EXPECT_EQ(after.Call<intake::v1::OpenCaseResponse>(Request("after")).status(), absl::OkStatus());
  EXPECT_EQ(again.Terminate(), 0);
  const testing::Finished verify = Tool({"verify", "--data", data});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

TEST_F(FullDisk, IsRefusedAtTheStart) {
  const std::string data = disk_.path() + "/data";
  disk_.Fill(0);
  std::ofstream(disk_.path() + "/filler", std::ios::app) << std::string(1 << 20, 'f');
  const testing::Finished up = RefusedUp(data);
  EXPECT_EQ(up.exit_code, 1) << up.out << up.err;
  EXPECT_THAT(up.err,
              AllOf(HasSubstr(data), AnyOf(HasSubstr("disk full"), HasSubstr("No space left")), HasSubstr(": ")));
  EXPECT_THAT(up.err, AnyOf(HasSubstr("free space"), HasSubstr("choose another")));
  disk_.Empty();
  Up again(data);
  EXPECT_EQ(again.Start({"--cache-mib", "8"}), absl::OkStatus()) << again.Said();
  EXPECT_EQ(again.Terminate(), 0);
}

}  // namespace
}  // namespace throughline::hostile
