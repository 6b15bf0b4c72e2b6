#include "services/process/service_manager.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/notify_socket.h"
#include "tests/support/test_directory.h"

namespace throughline::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using throughline::testing::NotifySocket;

constexpr ServiceManager::Time kBegin{};

server::Health Starting(int left) {
  const server::HealthCheck starting{false, absl::StrCat("starting: ", left, " left")};
  return {{true, "live"}, starting, starting};
}
server::Health Ready() { return {{true, "live"}, {true, "started"}, {true, "ready"}}; }
server::Health Stuck() { return {{false, "the fold is stuck"}, {true, "started"}, {true, "ready"}}; }

class ServiceManagerTest : public ::testing::TestWithParam<bool> {
 protected:
  TestDirectory directory_;
  // An abstract name belongs to the whole machine.
  NotifySocket socket_{GetParam() ? absl::StrCat("@", directory_.path()) : directory_.path() + "/notify"};
};

TEST_P(ServiceManagerTest, TellsAStartUntilItIsReadyAndAStop) {
  ServiceManager manager(socket_.name(), {});
  manager.Tell(Starting(9), kBegin);
  EXPECT_THAT(socket_.Taken(), ElementsAre("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=starting: 9 left"));
  manager.Tell(Starting(8), kBegin + milliseconds(200));
  EXPECT_THAT(socket_.Taken(), IsEmpty()) << "once a second";
  manager.Tell(Starting(7), kBegin + seconds(1));
  manager.Tell(Starting(7), kBegin + seconds(2));
  EXPECT_THAT(socket_.Taken(), ElementsAre("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=starting: 7 left",
                                           "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=starting: 7 left"))
      << "it needs more time, also if the log is away";
  manager.Tell(Ready(), kBegin + milliseconds(2200));
  manager.Tell(Ready(), kBegin + seconds(9));
  EXPECT_THAT(socket_.Taken(), ElementsAre("READY=1\nSTATUS=ready")) << "at once, and once";
  manager.Tell(Starting(1), kBegin + seconds(10));
  manager.Tell(Ready(), kBegin + seconds(11));
  EXPECT_THAT(socket_.Taken(), ElementsAre("STATUS=starting: 1 left", "STATUS=ready"));
  manager.Stopping("stopped:\nthe disk is full");
  EXPECT_THAT(socket_.Taken(), ElementsAre("STOPPING=1\nSTATUS=stopped: the disk is full"));
}

TEST_P(ServiceManagerTest, FeedsTheWatchdogWhileItIsLive) {
  ServiceManager manager(socket_.name(), seconds(4));
  manager.Tell(Ready(), kBegin);
  EXPECT_THAT(socket_.Taken(), ElementsAre("READY=1\nSTATUS=ready", "WATCHDOG=1"));
  manager.Tell(Ready(), kBegin + milliseconds(1900));
  EXPECT_THAT(socket_.Taken(), IsEmpty());
  manager.Tell(Ready(), kBegin + seconds(2));
  EXPECT_THAT(socket_.Taken(), ElementsAre("WATCHDOG=1"));
  manager.Tell(Stuck(), kBegin + seconds(4));
  manager.Tell(Stuck(), kBegin + seconds(6));
  EXPECT_THAT(socket_.Taken(), ElementsAre("STATUS=the fold is stuck"));
  manager.Tell(Ready(), kBegin + seconds(7));
  EXPECT_THAT(socket_.Taken(), ElementsAre("STATUS=ready", "WATCHDOG=1"));
}

TEST_P(ServiceManagerTest, TellsAgainWhatTheSocketDidNotTake) {
  ServiceManager manager(socket_.name(), {});
  ServiceManager other(socket_.name(), milliseconds(1));
  for (int i = 0; i < 1000; ++i) other.Tell(Starting(i), kBegin + seconds(i));  // until the socket is full
  manager.Tell(Ready(), kBegin);
  EXPECT_THAT(socket_.Taken(), Not(Contains(HasSubstr("READY=1")))) << "it was not full";
  manager.Tell(Ready(), kBegin + milliseconds(200));
  EXPECT_THAT(socket_.Taken(), ElementsAre("READY=1\nSTATUS=ready"));
}

INSTANTIATE_TEST_SUITE_P(OfASocket, ServiceManagerTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "WithAnAbstractName" : "WithAPath"; });

TEST(ServiceManager, TellsNobodyWithoutASocket) {
  for (const char* none : {"", "relative", "@"}) {
    ServiceManager manager(none, seconds(4));
    manager.Tell(Ready(), kBegin);
    manager.Stopping("draining");
  }
}

}  // namespace
}  // namespace throughline::process
