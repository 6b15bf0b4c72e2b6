// Unusable data directories: `up` exits with 1 and says what to do.

#include <filesystem>
#include <fstream>

#include "rocksdb/db.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "libs/log/embedded/format.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "tests/hostile/up.h"
#include "tests/hostile/world.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::hostile {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Directory : public ::testing::Test {
 protected:
  // The last line names the path and what to do.
  void ExpectRefused(const testing::Finished& up, const std::string& place, const std::string& advice) {
    EXPECT_EQ(up.exit_code, 1) << up.out << up.err;
    EXPECT_THAT(up.err, AllOf(HasSubstr("throughline up: "), HasSubstr(place), HasSubstr(advice)));
    EXPECT_EQ(up.out.find("ready"), std::string::npos) << up.out;
  }

  // Creates a directory in which a suite ran and opened one case.
  void RunOnce() {
    Up up(data_);
    ASSERT_EQ(up.Start(), absl::OkStatus()) << up.Said();
    client::Client ana(up.OptionsFor("ana"));
    intake::v1::OpenCaseRequest request;
    request.set_customer_id("c-1");
    request.set_subject("s");
    request.set_text("t");
    request.set_channel(intake::v1::CHANNEL_PHONE);
    const auto opened = ana.Call<intake::v1::OpenCaseResponse>(request);
    ASSERT_TRUE(opened.ok()) << opened.status();
    case_id_ = opened->case_id();
    ASSERT_EQ(up.Terminate(), 0);
  }

  // Checks that it starts and has the case from RunOnce. Returns its output.
  std::string ExpectStarts() {
    Up up(data_);
    EXPECT_EQ(up.Start(), absl::OkStatus()) << up.Said();
    client::Client ana(up.OptionsFor("ana"));
    intake::v1::GetCaseRequest request;
    request.set_case_id(case_id_);
    EXPECT_EQ(ana.Call<intake::v1::GetCaseResponse>(request).status(), absl::OkStatus());
    EXPECT_EQ(up.Terminate(), 0);
    return up.Said();
  }

  TestDirectory directory_;
  const std::string data_ = directory_.path() + "/data";
  std::string case_id_;
};

TEST_F(Directory, InUse) {
  World& world = World::Shared();
  const std::string& data = world.suite().data();
  const auto endpoint = files::ReadFile(data + "/endpoint");
  ExpectRefused(RefusedUp(data), data, "in use");
  EXPECT_THAT(RefusedUp(data).err, AllOf(HasSubstr("stop"), HasSubstr("another data directory")));
  EXPECT_EQ(files::ReadFile(data + "/endpoint"), endpoint);
  EXPECT_EQ(world.Works(), absl::OkStatus());
}

TEST_F(Directory, IsAFile) {
  std::ofstream(data_) << "not a directory";
  ExpectRefused(RefusedUp(data_), data_, "--data");
}

TEST_F(Directory, CannotBeMade) { ExpectRefused(RefusedUp("/proc/no/such/place"), "/proc/no/such/place", "--data"); }

TEST_F(Directory, AStoreOfAnotherLayoutIsRebuiltAndReported) {
  RunOnce();
  for (const char* service : {"intake", "supplier-tracking"}) {
    const std::string path = data_ + "/stores/" + service;
    ASSERT_TRUE(fs::exists(path)) << path;
    // What another version leaves: a store of another layout, with rows that this one cannot read.
    store::RocksKeyValue::Options options;
    options.path = path;
    options.layout = "of-another-version";
    ASSERT_TRUE(store::RocksKeyValue::Open(options).ok());
    // The store that this version had would take its place again.
    ASSERT_GT(fs::remove_all(path + ".previous"), 0u);
  }
  EXPECT_THAT(ExpectStarts(), AllOf(HasSubstr("stores/intake is rebuilt from the log"), HasSubstr("of-another-version"),
                                    HasSubstr("stores/supplier-tracking is rebuilt from the log")));
  EXPECT_THAT(ExpectStarts(), ::testing::Not(HasSubstr("rebuilt")));
}

TEST_F(Directory, MissingStoresAreRebuilt) {
  RunOnce();
  fs::remove_all(data_ + "/stores");
  ExpectStarts();
}

TEST_F(Directory, ALogOfAnotherLayout) {
  RunOnce();
  {
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), data_ + "/log", &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    std::string bytes;
    ASSERT_TRUE(db->Get({}, log::format::MetaKey(), &bytes).ok());
    auto meta = log::format::ParseMeta(bytes);
    ASSERT_TRUE(meta.ok()) << meta.status();
    meta->layout = log::format::kLayout + 1;
    rocksdb::WriteOptions synced;
    synced.sync = true;
    ASSERT_TRUE(db->Put(synced, log::format::MetaKey(), log::format::EncodeMeta(*meta)).ok());
  }
  ExpectRefused(RefusedUp(data_), data_ + "/log", "layout");
}

TEST_F(Directory, AnotherNumberOfPartitions) {
  RunOnce();
  const testing::Finished up = RefusedUp(data_, {"--partitions", "3"});
  ExpectRefused(up, data_ + "/log", "12 partitions");
  EXPECT_THAT(up.err, AllOf(HasSubstr("3 were asked for"), HasSubstr("ask for 12")));
  ExpectStarts();
}

TEST_F(Directory, TheLogOfAnotherInstallation) {
  RunOnce();
  TestDirectory other;
  Up up(other.path() + "/data");
  ASSERT_EQ(up.Start(), absl::OkStatus()) << up.Said();
  ASSERT_EQ(up.Terminate(), 0);
  fs::remove_all(data_ + "/log");
  fs::copy(other.path() + "/data/log", data_ + "/log", fs::copy_options::recursive);
  const testing::Finished refused = RefusedUp(data_);
  ExpectRefused(refused, "log", ": ");
  EXPECT_THAT(refused.err, AnyOf(HasSubstr("delete"), HasSubstr("restore"), HasSubstr("remove")));
}

TEST_F(Directory, HoldsNoLog) {
  fs::create_directories(data_);
  std::ofstream(data_ + "/log") << "notes";
  ExpectRefused(RefusedUp(data_), data_ + "/log", ": ");
}

TEST_F(Directory, ATokensFileThatOthersMayWrite) {
  RunOnce();
  fs::permissions(data_ + "/tokens.json", fs::perms(0666));
  ExpectRefused(RefusedUp(data_), data_ + "/tokens.json", "chmod");
  fs::permissions(data_ + "/tokens.json", fs::perms(0600));
  ExpectStarts();
}

TEST_F(Directory, AMalformedTokensFile) {
  RunOnce();
  const std::string tokens = files::ReadFile(data_ + "/tokens.json").value_or("");
  std::ofstream(data_ + "/tokens.json", std::ios::app) << "{\"name\": 7}\n";
  ExpectRefused(RefusedUp(data_), data_ + "/tokens.json", "line");
  std::ofstream(data_ + "/tokens.json", std::ios::trunc) << std::string("\x00\xff\xfe", 3);
  ExpectRefused(RefusedUp(data_), data_ + "/tokens.json:1", "line");
  std::ofstream(data_ + "/tokens.json", std::ios::trunc) << tokens;
  ExpectStarts();
}

TEST_F(Directory, AnUnreadableTokensFile) {
  RunOnce();
  fs::remove(data_ + "/tokens.json");
  fs::create_directory(data_ + "/tokens.json");
  ExpectRefused(RefusedUp(data_), data_ + "/tokens.json", ": ");
}

}  // namespace
}  // namespace throughline::hostile
