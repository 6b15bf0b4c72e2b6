// kill -9 at any moment: a child process appends and reports each acknowledgement through a pipe; its parent kills it
// and checks that all acknowledged records are there.

#include <cstdlib>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/embedded/faults/test_support.h"
#include "libs/log/simulated/random.h"

namespace throughline::log {
namespace {

constexpr char kChildFlag[] = "--append-until-killed";
constexpr int kInFlight = 64;

// Small buffers, so that files are being written and merged at the kill.
EmbeddedLog::Options SmallOptions(const std::string& path) { return {.path = path, .write_buffer_bytes = 128 << 10}; }

// Never returns. Record i of the partition is NumberedValue(i).
[[noreturn]] void AppendUntilKilled(const std::string& path, int pipe) {
  auto opened = EmbeddedLog::Open(SmallOptions(path));
  if (!opened.ok()) std::_Exit(3);
  EventLog& log = **opened;
  absl::Mutex mu;
  int in_flight = 0;
  const auto before = ReadAll(log, kTestPartition);
  if (!before.ok()) std::_Exit(4);
  for (auto i = static_cast<int64_t>(before->size());; ++i) {
    auto room = [&] { return in_flight < kInFlight; };
    mu.LockWhen(absl::Condition(&room));
    ++in_flight;
    mu.Unlock();
    log.Append(kTestPartition, "k", NumberedValue(i), [&](const absl::StatusOr<int64_t>& offset) {
      if (!offset.ok() || ::write(pipe, &*offset, sizeof(*offset)) != sizeof(*offset)) std::_Exit(5);
      absl::MutexLock lock(&mu);
      --in_flight;
    });
  }
}

pid_t StartChild(const std::string& path, int pipe_read, int pipe_write) {
  const std::string pipe = std::to_string(pipe_write);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe_read);
    ::execl("/proc/self/exe", "/proc/self/exe", kChildFlag, path.c_str(), pipe.c_str(), nullptr);
    ::_exit(2);
  }
  ::close(pipe_write);
  return child;
}

// The offsets that a child acknowledged before it was killed, after about `after` of them.
std::vector<int64_t> RunAndKill(const std::string& path, size_t after) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = StartChild(path, ends[0], ends[1]);
  std::vector<int64_t> acknowledged;
  int64_t offset = 0;
  while (::read(ends[0], &offset, sizeof(offset)) ==
         sizeof(offset)) {  // the pipe keeps what the child wrote before its end
    acknowledged.push_back(offset);
    if (acknowledged.size() == after) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
  return acknowledged;
}

TEST(EmbeddedKill, LosesNothingAcknowledged) {
  TestDirectory directory;
  Random random(3);
  size_t found = 0;
  for (int round = 0; round < 8; ++round) {
    const std::vector<int64_t> acknowledged = RunAndKill(directory.path(), 1 + random.Below(4000));
    ASSERT_FALSE(acknowledged.empty());
    auto log = MustOpen(SmallOptions(directory.path()));
    ASSERT_NE(log, nullptr);
    const auto all = ReadAll(*log, kTestPartition);
    ASSERT_TRUE(all.ok()) << all.status();
    for (size_t i = 0; i < acknowledged.size(); ++i) {
      ASSERT_EQ(acknowledged[i], static_cast<int64_t>(found + i)) << "round " << round;
    }
    ASSERT_GE(all->size(), found + acknowledged.size()) << "round " << round;
    for (const RecordPtr& r : *all) ASSERT_EQ(r->value, NumberedValue(r->offset));
    found = all->size();
  }
}

}  // namespace
}  // namespace throughline::log

int main(int argc, char** argv) {
  using namespace throughline::log;
  if (argc == 4 && std::string(argv[1]) == kChildFlag) AppendUntilKilled(argv[2], std::atoi(argv[3]));
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
