#include "tests/bench/support/followers.h"

#include <cstdio>
#include <cstdlib>
#include <sched.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/server/operations/signals.h"
#include "tests/bench/support/fixture.h"
#include "tests/support/crowd.h"
#include "tests/support/outage.h"

namespace throughline::bench {
namespace {

constexpr char kAddressVariable[] = "THROUGHLINE_BENCH_ADDRESS";
constexpr char kTokenVariable[] = "THROUGHLINE_BENCH_TOKEN";  // a command line would be readable for everybody
constexpr int kConnections = 16;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Followers::Followers(const client::Options& options, int count, int notices) {
  const absl::StatusOr<std::string> said = process_.Start(
      {testing::Program("throughline-bench"), "--serve-followers", absl::StrCat(count), "--notices",
       absl::StrCat(notices)},
      {absl::StrCat(kAddressVariable, "=", options.address), absl::StrCat(kTokenVariable, "=", options.token)});
  if (!said.ok()) Fail(said.status().ToString());
}

int64_t Followers::Concerned(int count, int notices, int64_t n) {
  int64_t concerned = kAll;
  for (int64_t i = n % notices; i < count; i += notices) concerned += i >= kAll;
  return concerned;
}

int64_t Followers::End() {
  const testing::Finished finished = process_.End();
  int64_t messages = 0;
  if (finished.exit_code != 0 || !absl::SimpleAtoi(finished.out, &messages)) Fail("the followers failed");
  return messages;
}

int ServeFollowers(int count, int notices) {
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_IDLE, &none) != 0)
    Fail("cannot set the followers' scheduling class");  // threads inherit it
  server::StopSignals signals;
  client::Options options;
  options.address = FromEnvironment(kAddressVariable);
  options.token = FromEnvironment(kTokenVariable);
  testing::Crowd crowd(options, kConnections);
  for (int i = 0; i < count; ++i) {
    crowd.Follow(i < Followers::kAll ? testing::Outage::FollowingAll()
                                     : testing::Outage::Following(static_cast<size_t>(i % notices)));
  }
  if (!crowd.AwaitHeard(absl::Minutes(2))) Fail("followers hear nothing: " + crowd.why().ToString());
  const int64_t before = crowd.messages();
  std::printf("ready\n");
  std::fflush(stdout);
  signals.Wait();
  if (crowd.ended() > 0) Fail("a follower's stream was ended: " + crowd.why().ToString());
  std::printf("%lld\n", static_cast<long long>(crowd.messages() - before));
  std::fflush(stdout);
  return 0;
}

}  // namespace throughline::bench
