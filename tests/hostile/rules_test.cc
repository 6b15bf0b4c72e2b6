// Every field of every request with values that its rule forbids: one at a time, so that the refusal must name it, and
// several at once at random. THROUGHLINE_SEED replays a run.

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/logging.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "tests/hostile/attacks.h"
#include "tests/hostile/messages.h"
#include "tests/hostile/up.h"
#include "tests/hostile/world.h"

namespace throughline::hostile {
namespace {

constexpr int kRequests = 20'000;
constexpr int kSenders = 8;
constexpr int64_t kMaxRuledGrowthKb = 64 << 10;

struct Prepared {
  const Sample* sample;
  std::vector<Attack> attacks;
};

// Calls `send(i)` for every i below `count`, on several threads.
void OnThreads(int first, int count, const std::function<void(int)>& send) {
  std::atomic<int> next{first};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kSenders; ++thread) {
    threads.emplace_back([&] {
      for (int i = next++; i < count; i = next++) send(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Rules, TwentyThousandRequestsThatBreakThemAreRefused) {
  uint32_t seed = 20'260'301;
  if (const char* given = std::getenv("THROUGHLINE_SEED")) {
    ASSERT_TRUE(absl::SimpleAtoi(given, &seed)) << given;
  }
  std::cout << "seed " << seed << " (replay with THROUGHLINE_SEED=" << seed << ")\n";
  // Without this, protobuf logs every text that is not UTF-8 when we serialize it.
  google::protobuf::SetLogHandler(nullptr);
  World world({"--cache-mib", "16"});
  std::vector<Prepared> prepared;
  std::vector<std::pair<const Prepared*, const Attack*>> alone;
  for (const Sample& sample : world.samples()) {
    // A request without fields offers nothing to attack.
    if (sample.method->input_type()->field_count() == 0) continue;
    prepared.push_back({&sample, AttacksOn(*sample.method->input_type(), absl::ToUnixSeconds(absl::Now()))});
  }
  for (const Prepared& one : prepared) {
    for (const Attack& attack : one.attacks) alone.emplace_back(&one, &attack);
  }
  const int first_of_many = static_cast<int>(alone.size());
  ASSERT_GT(first_of_many, 2'000) << "too few fields were found: the test shows little";
  ASSERT_LT(first_of_many, kRequests);
  std::atomic<int> accepted{0}, unnamed{0};
  const auto send = [&](int i) {
    std::mt19937 random(seed + static_cast<uint32_t>(i));
    const Prepared& one = i < first_of_many ? *alone[i].first : prepared[random() % prepared.size()];
    auto request = one.sample->Copy();
    std::string path, what;
    if (i < first_of_many) {
      alone[i].second->apply(*request);
      path = alone[i].second->path;
      what = alone[i].second->what;
    } else {
      for (int times = 2 + static_cast<int>(random() % 6); times > 0; --times) {
        const Attack& attack = one.attacks[random() % one.attacks.size()];
        attack.apply(*request);
        absl::StrAppend(&what, attack.path, ": ", attack.what, "; ");
      }
    }
    const absl::Status refusal = world.Refusal(*one.sample, *request);
    if (refusal.ok()) {
      ++accepted;
      ADD_FAILURE() << one.sample->path << " took " << path << ": " << what;
    } else if (path.empty() ? refusal.code() != absl::StatusCode::kInvalidArgument : !IsBadField(refusal, path)) {
      ++unnamed;
      ADD_FAILURE() << one.sample->path << " with " << path << ": " << what << ": " << refusal;
    }
  };
  OnThreads(0, kRequests / 10, send);  // warm-up: caches and arenas reach their size
  const int64_t before = PeakKb(world.suite().pid());
  OnThreads(kRequests / 10, kRequests, send);
  const int64_t after = PeakKb(world.suite().pid());
  ASSERT_GT(before, 0);
  ASSERT_GT(after, 0) << "it is gone";
  EXPECT_LT(after - before, kMaxRuledGrowthKb) << "memory grew from " << before << " KiB to " << after << " KiB";
  std::cout << kRequests << " requests over " << prepared.size() << " methods, " << first_of_many
            << " of them with one bad field: wrongly accepted " << accepted << ", field not named " << unnamed
            << ", peak memory " << before / 1024 << " MiB after a tenth, " << after / 1024 << " MiB at the end\n";
  EXPECT_EQ(world.Works(), absl::OkStatus());
  world.ExpectCleanEnd();
}

}  // namespace
}  // namespace throughline::hostile
