// Bit flips on disk. The log is the truth: damage there is reported, never skipped. A store is a fold of the log:
// damage there is repaired by folding again.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hostile/up.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::hostile {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr int kCases = 200;

// The files with that ending, largest first.
std::vector<std::string> Files(const std::string& folder, const std::string& begin, const std::string& end) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(begin) && name.ends_with(end)) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return fs::file_size(a) > fs::file_size(b); });
  return files;
}

// `where`: the place as a fraction of the file's length.
void Flip(const std::string& path, double where) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  ASSERT_TRUE(file.good()) << path;
  const auto offset = static_cast<std::streamoff>(where * static_cast<double>(fs::file_size(path)));
  file.seekg(offset);
  const char bits = static_cast<char>(file.get() ^ 0x10);
  file.seekp(offset);
  file.put(bits);
}

class Damage : public ::testing::Test {
 protected:
  void SetUp() override {
    Up up(data_);
    ASSERT_EQ(up.Start(), absl::OkStatus()) << up.Said();
    client::Client ana(up.OptionsFor("ana"));
    for (int i = 0; i < kCases; ++i) {
      intake::v1::OpenCaseRequest request;
      request.set_command_id(absl::StrCat("case-", i));
      request.set_customer_id("c-1");
      request.set_subject("s");
      request.set_text(absl::StrCat(i, std::string(2000, 't')));
      request.set_channel(intake::v1::CHANNEL_PHONE);
      const auto opened = ana.Call<intake::v1::OpenCaseResponse>(request);
      ASSERT_TRUE(opened.ok()) << opened.status();
      case_ids_.push_back(opened->case_id());
    }
    ASSERT_EQ(up.Terminate(), 0);
  }

  // Starts and stops the suite, so that rows move from write-ahead logs into tables.
  void RunAgain() {
    Up up(data_);
    ASSERT_EQ(up.Start(), absl::OkStatus()) << up.Said();
    ASSERT_EQ(up.Terminate(), 0);
  }

  absl::Status ReadAllCases(const Up& up) const {
    client::Client ana(up.OptionsFor("ana", 1));
    for (const std::string& case_id : case_ids_) {
      intake::v1::GetCaseRequest request;
      request.set_case_id(case_id);
      const auto got = ana.Call<intake::v1::GetCaseResponse>(request);
      if (!got.ok()) return got.status();
    }
    return absl::OkStatus();
  }

  TestDirectory directory_;
  const std::string data_ = directory_.path() + "/data";
  std::vector<std::string> case_ids_;
};

TEST_F(Damage, InTheWriteAheadLogOfTheLogIsRefused) {
  const std::vector<std::string> files = Files(data_ + "/log", "", ".log");
  ASSERT_FALSE(files.empty());
  ASSERT_GT(fs::file_size(files[0]), kCases * 2000u);
  for (const double where : {0.05, 0.3, 0.5, 0.77, 0.9}) {
    Flip(files[0], where);
    const testing::Finished up = RefusedUp(data_);
    EXPECT_EQ(up.exit_code, 1) << where << up.out << up.err;
    EXPECT_THAT(up.err, AllOf(HasSubstr("damaged"), HasSubstr(data_ + "/log"),
                              HasSubstr("Nothing was changed or skipped"), HasSubstr("backup")));
    Flip(files[0], where);  // repaired
  }
  Up up(data_);
  ASSERT_EQ(up.Start(), absl::OkStatus()) << up.Said();
  EXPECT_EQ(ReadAllCases(up), absl::OkStatus());
  EXPECT_EQ(up.Terminate(), 0);
}

TEST_F(Damage, InATableOfTheLogIsFoundAndNeverFolded) {
  RunAgain();
  const std::vector<std::string> files = Files(data_ + "/log", "", ".sst");
  ASSERT_FALSE(files.empty());
  ASSERT_GT(fs::file_size(files[0]), kCases * 2000u);
  Flip(files[0], 0.4);
  const testing::Finished verify = Tool({"verify", "--data", data_});
  EXPECT_EQ(verify.exit_code, 1) << verify.out;
  EXPECT_THAT(verify.err + verify.out, AnyOf(HasSubstr("damaged"), HasSubstr("cannot be read")));
  // A rebuild reads every record.
  fs::remove_all(data_ + "/stores");
  Up up(data_);
  const absl::Status started = up.Start();
  EXPECT_FALSE(started.ok()) << "it went on without the damaged record";
  EXPECT_THAT(up.Said(), AllOf(HasSubstr("throughline up: "), AnyOf(HasSubstr("damaged"), HasSubstr("cannot be read")),
                               HasSubstr("backup")));
  if (started.ok()) up.Terminate();
}

TEST_F(Damage, InAStoreIsRepaired) {
  RunAgain();
  struct {
    const char* begin;
    const char* end;
    bool remove;
  } const kinds[] = {{"MANIFEST-", "", false}, {"CURRENT", "", false}, {"MANIFEST-", "", true}, {"", ".sst", true}};
  for (const auto& kind : kinds) {
    for (const char* service : {"intake", "ownership"}) {
      const std::vector<std::string> files = Files(absl::StrCat(data_, "/stores/", service), kind.begin, kind.end);
      ASSERT_FALSE(files.empty()) << kind.begin << kind.end;
      kind.remove ? (void)fs::remove(files[0]) : Flip(files[0], 0.5);
    }
    Up up(data_);
    ASSERT_EQ(up.Start(), absl::OkStatus()) << kind.begin << kind.end << kind.remove << up.Said();
    EXPECT_THAT(up.Said(), HasSubstr("is rebuilt from the log")) << kind.begin << kind.end << kind.remove;
    EXPECT_EQ(ReadAllCases(up), absl::OkStatus());
    EXPECT_EQ(up.Terminate(), 0);
    RunAgain();  // moves rows into tables, for the next kind
  }
  EXPECT_EQ(Tool({"verify", "--data", data_}).exit_code, 0);
}

// Found only when the row is read: the process stops instead of answering wrongly, and the next start repairs it.
TEST_F(Damage, InARowOfAStoreStopsTheProcessAndIsRepaired) {
  RunAgain();
  // A file begins with its rows. Most of a small file is metadata, which is read when the store is opened.
  const std::vector<std::string> files = Files(data_ + "/stores/intake", "", ".sst");
  const std::string largest = *std::max_element(
      files.begin(), files.end(), [](const auto& a, const auto& b) { return fs::file_size(a) < fs::file_size(b); });
  for (double where = 0.02; where < 0.55; where += 0.02) Flip(largest, where);
  Up up(data_);
  const absl::Status started = up.Start();
  if (started.ok()) {
    EXPECT_FALSE(ReadAllCases(up).ok()) << "it answered from damaged rows";
    EXPECT_EQ(up.WaitForEnd(), 70);
  }
  EXPECT_THAT(up.Said(), AllOf(HasSubstr("stores/intake"), HasSubstr("damaged"), HasSubstr("start again")));
  ASSERT_EQ(up.Start(), absl::OkStatus()) << up.Said();
  EXPECT_THAT(up.Said(), HasSubstr("is rebuilt from the log"));
  EXPECT_EQ(ReadAllCases(up), absl::OkStatus());
  EXPECT_EQ(up.Terminate(), 0);
  EXPECT_EQ(Tool({"verify", "--data", data_}).exit_code, 0);
}

}  // namespace
}  // namespace throughline::hostile
