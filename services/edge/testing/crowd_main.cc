// edge_crowd: opens thousands of connections to an edge of its own that do nothing, or begin a request and do not end
// it, and shows what they cost it. On demand: it takes as many descriptors.
//
//   build/release/bin/edge_crowd [CONNECTIONS]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sys/resource.h>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "services/edge/testing/peer.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"

namespace throughline::edge::testing {
namespace {

constexpr int kSpare = 100;                // below the edge's limit: for a request meanwhile
constexpr int64_t kMostBytesEach = 16384;  // of the edge's memory, per connection

int64_t ResidentBytes(pid_t process) {
  std::ifstream status(absl::StrCat("/proc/", process, "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::atoll(line.c_str() + 6) * 1024;
  }
  return 0;
}

bool Answers(int port) {
  Peer peer(port);
  peer.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  return peer.Read().status == 404;
}

int failures = 0;
void Check(bool holds, const std::string& what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what.c_str());
  failures += holds ? 0 : 1;
}

int Main(int count) {
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);

  throughline::testing::Process edge;
  const auto output = edge.Start(
      {throughline::testing::Program("throughline-edge"), "--port", "0", "--metrics-port", "-1", "--limits-connections",
       absl::StrCat(count + kSpare), "--limits-head-time", "10m", "--limits-idle-time", "10m"},
      {});
  if (!output.ok()) {
    std::fprintf(stderr, "%s\n", output.status().ToString().c_str());
    return 1;
  }
  const int port = std::atoi(output->c_str() + output->find("127.0.0.1:") + 10);
  Check(Answers(port), "answers before");
  const int64_t before = ResidentBytes(edge.pid());
  const absl::Time begin = absl::Now();
  std::vector<std::unique_ptr<Peer>> crowd;
  for (int i = 0; i < count; ++i) {
    crowd.push_back(std::make_unique<Peer>(port));
    if (!crowd.back()->connected()) break;
    if (i % 3 == 1) crowd.back()->Send("GET / HTTP/1.1\r\nHos");
    if (i % 3 == 2) {
      crowd.back()->Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      crowd.back()->Read();
    }
  }
  Check(static_cast<int>(crowd.size()) == count && crowd.back()->connected(),
        absl::StrCat(crowd.size(), " connections in ",
                     absl::FormatDuration(absl::Trunc(absl::Now() - begin, absl::Milliseconds(1))),
                     ": a third silent, a third within a head, a third after a request"));
  const int64_t each = (ResidentBytes(edge.pid()) - before) / count;
  Check(each <= kMostBytesEach, absl::StrCat(each, " bytes of memory for each; at most ", kMostBytesEach));
  const absl::Time asked = absl::Now();
  Check(Answers(port), absl::StrCat("answers meanwhile, after ",
                                    absl::FormatDuration(absl::Trunc(absl::Now() - asked, absl::Microseconds(1)))));
  for (int i = 0; i < kSpare; ++i) crowd.push_back(std::make_unique<Peer>(port));
  Check(Eventually([&] { return Peer(port).Read().status == 503; }), "one more than allowed is told 503");
  crowd.clear();
  Check(Eventually([&] { return Answers(port); }), "answers after");
  Check(edge.Terminate() == 0, "ends when asked to");
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace throughline::edge::testing

int main(int argc, char** argv) {
  return throughline::edge::testing::Main(argc > 1 ? std::max(1, std::atoi(argv[1])) : 10'000);
}
