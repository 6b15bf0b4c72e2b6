#include "libs/server/transport/descriptors.h"

#include <cstdlib>
#include <sys/resource.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::server {
namespace {

using ::testing::HasSubstr;

// In a process of its own: limits belong to the process.
[[noreturn]] void RaiseFrom(rlim_t soft, rlim_t hard) {
  const rlimit few{soft, hard};
  rlimit now{};
  const bool raised = setrlimit(RLIMIT_NOFILE, &few) == 0 && RaiseDescriptorLimit() == static_cast<int64_t>(hard) &&
                      getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == hard && now.rlim_max == hard;
  std::_Exit(raised ? 0 : 1);
}

TEST(Descriptors, TheSoftLimitIsRaisedToTheHardOne) {
  EXPECT_EXIT(RaiseFrom(256, 512), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(RaiseFrom(512, 512), ::testing::ExitedWithCode(0), "");
}

TEST(Descriptors, LeaveTheRestToConnections) {
  EXPECT_EQ(*ConnectionsWithin(20'000, 1000, 4096), 4096);
  EXPECT_EQ(*ConnectionsWithin(1500, 1000, 4096), 500);
  EXPECT_EQ(*ConnectionsWithin(1001, 1000, 1), 1) << "who wants no more is served";
  const absl::Status few = ConnectionsWithin(1010, 1000, 4096).status();
  EXPECT_EQ(few.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(few.message()), HasSubstr("may have 1010 descriptors"));
  EXPECT_THAT(std::string(few.message()), HasSubstr("to 5096"));
}

}  // namespace
}  // namespace throughline::server
