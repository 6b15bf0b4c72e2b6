#include "libs/server/transport/descriptors.h"

#include <algorithm>
#include <sys/resource.h>

#include "absl/strings/str_cat.h"

namespace throughline::server {
namespace {

constexpr int64_t kMostDescriptors = 1 << 20;  // other code allocates tables of this size
constexpr int64_t kFewestConnections = 16;

}  // namespace

int64_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;  // Linux's default
  const auto most = static_cast<rlim_t>(kMostDescriptors);
  if (limit.rlim_cur < std::min(limit.rlim_max, most)) {
    const rlimit raised{std::min(limit.rlim_max, most), limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<int64_t>(std::min(limit.rlim_cur, most));
}

absl::StatusOr<int> ConnectionsWithin(int64_t limit, int64_t reserved, int wanted) {
  const int64_t left = limit - reserved;
  if (left < std::min<int64_t>(wanted, kFewestConnections)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "this process may have ", limit, " descriptors, and its stores, its log and the rest need up to ", reserved,
        ", which leaves too few for connections: raise the hard limit (`ulimit -Hn`, LimitNOFILE "
        "of systemd) to ",
        reserved + wanted));
  }
  return static_cast<int>(std::min<int64_t>(wanted, left));
}

}  // namespace throughline::server
