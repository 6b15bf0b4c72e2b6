#include "libs/log/embedded/reader_log.h"

#include "gmock/gmock.h"

#include "libs/log/embedded/faults/test_support.h"

namespace throughline::log {
namespace {

using ::testing::SizeIs;

TEST(ReaderLog, ReadsWhatAnotherAppendsMeanwhile) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/log";
  EXPECT_TRUE(absl::IsNotFound(ReaderLog::Open(path).status()));
  const auto log = MustOpen({.path = path, .partitions = 2});
  const Partition other{Topic::kOwnership, 0};
  for (int64_t i = 0; i < 5000; ++i) {
    log->Append(kTestPartition, "key", NumberedValue(i),
                [](const absl::StatusOr<int64_t>& offset) { EXPECT_TRUE(offset.ok()); });
  }
  ASSERT_TRUE(AppendAndWait(*log, other, "key", "first").ok());
  const auto reader = ReaderLog::Open(path);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(*(*reader)->Describe(), *log->Describe());
  const auto subscription = (*reader)->Subscribe({{kTestPartition, 3}, {other, 0}}, [] {});
  ASSERT_TRUE(subscription.ok());
  int64_t next = 3, of_other = 0;
  const auto read = [&] {
    while (true) {
      const auto records = (*subscription)->Poll(100);
      ASSERT_TRUE(records.ok()) << records.status();
      if (records->empty()) return;
      ASSERT_LE(records->size(), 100u);
      for (const RecordPtr& record : *records) {
        if (record->partition == other) {
          ++of_other;
        } else {
          ASSERT_EQ(record->offset, next);
          ASSERT_EQ(record->value, NumberedValue(next++));
        }
      }
    }
  };
  read();
  EXPECT_EQ(next, 5000);
  EXPECT_EQ(of_other, 1);
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "key", NumberedValue(5000)).ok());
  ASSERT_TRUE(AppendAndWait(*log, other, "key", "second").ok());
  read();
  read();  // the first one may end before it sees them
  EXPECT_EQ(next, 5001);
  EXPECT_EQ(of_other, 2);
  (*reader)->QueryEnds({other, kTestPartition}, [&](const absl::StatusOr<std::vector<Position>>& ends) {
    ASSERT_TRUE(ends.ok());
    EXPECT_EQ((*ends)[0].offset, 2);
    EXPECT_EQ((*ends)[1].offset, 5001);
  });
}

TEST(ReaderLog, WritesNothingAndStartsNowhereBehindTheEnd) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/log";
  MustOpen({.path = path, .partitions = 2}).reset();
  const auto reader = ReaderLog::Open(path);
  ASSERT_TRUE(reader.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(AppendAndWait(**reader, kTestPartition, "key", "value").status()));
  EXPECT_TRUE(absl::IsOutOfRange((*reader)->Subscribe({{kTestPartition, 1}}, [] {}).status()));
  const auto all = ReadAll(**reader, kTestPartition);
  ASSERT_TRUE(all.ok());
  EXPECT_THAT(*all, SizeIs(0));
}

}  // namespace
}  // namespace throughline::log
