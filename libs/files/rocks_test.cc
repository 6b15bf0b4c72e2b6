// What RocksDB's two users have in common.

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "libs/files/rocks_logger.h"

namespace throughline::files {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RocksLogger, PassesOnWhatIsSevereEnough) {
  std::ostringstream lines;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines)));
  RocksLogger logger(rocksdb::WARN_LEVEL);
  rocksdb::Info(&logger, "opening %d files", 3);
  rocksdb::Warn(&logger, "stalling writes of %s", "a table");
  rocksdb::Error(&logger, "File Deletions Disabled");
  RocksLogger quiet(rocksdb::FATAL_LEVEL);
  rocksdb::Error(&quiet, "cannot sync");
  spdlog::set_default_logger(before);
  EXPECT_THAT(lines.str(), HasSubstr("rocksdb: stalling writes of a table"));
  EXPECT_THAT(lines.str(), Not(HasSubstr("opening")));
  EXPECT_THAT(lines.str(), Not(HasSubstr("File Deletions")));
  EXPECT_THAT(lines.str(), Not(HasSubstr("cannot sync")));
}

}  // namespace
}  // namespace throughline::files
