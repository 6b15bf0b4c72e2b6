#include "libs/server/operations/read_audit.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::server {
namespace {

class Audit : public ::testing::Test {
 protected:
  std::unique_ptr<ReadAudit> Open(ReadAuditOptions options) {
    options.directory = directory_.path() + "/audit";
    auto opened = ReadAudit::Open(std::move(options), registry_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  static absl::Status Read(ReadAudit& audit, const std::string& case_id) {
    return audit.Record(
        {.at = absl::UnixEpoch(), .by = "ana", .roles = {"rep"}, .rpc = "S/GetCase", .cases = {case_id}});
  }
  std::vector<std::string> Cases() const {
    std::vector<std::string> cases;
    for (const std::string& file : ReadAuditFiles(directory_.path() + "/audit")) {
      std::ifstream in(file);
      for (std::string line; std::getline(in, line);) cases.push_back(nlohmann::json::parse(line)["cases"][0]);
    }
    return cases;
  }

  const TestDirectory directory_;
  prometheus::Registry registry_;
};

TEST_F(Audit, GoesOnInTheFileOfBefore) {
  ASSERT_TRUE(Read(*Open({}), "1").ok());
  ASSERT_TRUE(Read(*Open({}), "2").ok());
  EXPECT_THAT(Cases(), ::testing::ElementsAre("1", "2"));
  struct stat info {};
  ASSERT_EQ(stat(ReadAuditPath(directory_.path() + "/audit").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(Audit, IsBounded) {
  const auto audit = Open({.file_bytes = 1000, .keep = 3});
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Read(*audit, std::to_string(i)).ok());
  const auto files = ReadAuditFiles(directory_.path() + "/audit");
  EXPECT_EQ(files.size(), 4u) << "three full ones, and the present one";
  for (const std::string& file : files) EXPECT_LE(std::filesystem::file_size(file), 1000u);
  const auto cases = Cases();
  ASSERT_FALSE(cases.empty());
  for (size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(cases[i], std::to_string(200 - cases.size() + i));
}

TEST_F(Audit, BeginsANewFileWhenItsOwnWasMovedAway) {
  const auto audit = Open({});
  ASSERT_TRUE(Read(*audit, "1").ok());
  const std::string path = ReadAuditPath(directory_.path() + "/audit");
  std::filesystem::rename(path, path + ".1");
  EXPECT_TRUE(Eventually([&] { return Read(*audit, "2").ok() && std::filesystem::exists(path); }));
}

TEST_F(Audit, LinesOfManyThreadsAreWhole) {
  const auto audit = Open({.file_bytes = 4000, .keep = 1000});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int line = 0; line < 100; ++line) EXPECT_TRUE(Read(*audit, "x").ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Cases().size(), 400u);
}

}  // namespace
}  // namespace throughline::server
