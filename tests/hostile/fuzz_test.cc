// Ten thousand valid requests of all RPCs, mutated at random. THROUGHLINE_SEED replays a run.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "tests/hostile/up.h"
#include "tests/hostile/world.h"

namespace throughline::hostile {
namespace {

constexpr int kInputs = 10'000;
constexpr int kThreads = 8;
constexpr int64_t kMaxGrowthKb = 64 << 10;

using Random = std::mt19937;
int Pick(Random& random, size_t below) {
  return static_cast<int>(std::uniform_int_distribution<size_t>(0, below - 1)(random));
}

std::string Noise(Random& random, size_t length) {
  std::string bytes(length, '\0');
  for (char& c : bytes) c = static_cast<char>(Pick(random, 256));
  return bytes;
}

// One to four mutations, so that most inputs are broken in a way that no single check expects.
std::string Spoil(std::string bytes, const std::vector<Sample>& samples, Random& random) {
  for (int times = 1 + Pick(random, 4); times > 0; --times) {
    const size_t at = bytes.empty() ? 0 : static_cast<size_t>(Pick(random, bytes.size()));
    switch (Pick(random, 9)) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << Pick(random, 8)));
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<char>(Pick(random, 256));
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.insert(at, Noise(random, 1 + Pick(random, 40)));
        break;
      case 4:  // repeated fields and repeated singular ones
        bytes += bytes.substr(at);
        break;
      case 5:  // fields of another request
        bytes += samples[Pick(random, samples.size())].request->SerializeAsString().substr(0, 200);
        break;
      case 6:  // a wrong length
        if (!bytes.empty()) bytes[at] = static_cast<char>(0x80 | Pick(random, 128));
        break;
      case 7:  // deeply nested messages
        for (int depth = Pick(random, 120); depth > 0; --depth) {
          if (bytes.size() < 120)
            bytes = absl::StrCat(std::string(1, static_cast<char>(0x1a)),
                                 std::string(1, static_cast<char>(bytes.size())), bytes);
        }
        break;
      default:  // extreme numbers: ten bytes of varint for a random field
        bytes += absl::StrCat(std::string(1, static_cast<char>(Pick(random, 16) << 3)), std::string(9, '\xff'),
                              std::string(1, static_cast<char>(Pick(random, 2))));
    }
  }
  return bytes.substr(0, 200'000);
}

bool MayBe(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnauthenticated:
      return true;
    default:
      return false;
  }
}

TEST(Fuzz, TenThousandMutatedRequests) {
  uint32_t seed = 20'240'603;
  if (const char* given = std::getenv("THROUGHLINE_SEED")) {
    ASSERT_TRUE(absl::SimpleAtoi(given, &seed)) << given;
  }
  std::cout << "seed " << seed << " (replay with THROUGHLINE_SEED=" << seed << ")\n";
  World world({"--cache-mib", "16"});
  const std::vector<Sample>& samples = world.samples();
  const auto run = [&](int first, int last, std::array<std::atomic<int>, 17>& codes) {
    std::atomic<int> next{first};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        for (int i = next++; i < last; i = next++) {
          Random random(seed + static_cast<uint32_t>(i));
          const Sample& sample = samples[i % samples.size()];
          const bool watch = sample.method->server_streaming() && !sample.method->client_streaming();
          const std::string bytes = Pick(random, 20) == 0 ? Noise(random, Pick(random, 2000))
                                                          : Spoil(sample.request->SerializeAsString(), samples, random);
          const RawAnswer answer =
              world.raw().Call({.path = sample.path,
                                .messages = {bytes},
                                .authorization = world.authorization(Pick(random, 10) == 0 ? "admin" : sample.as),
                                .timeout = watch ? absl::Milliseconds(50) : absl::Seconds(20),
                                .one_answer = watch});
          ++codes[static_cast<size_t>(answer.status.raw_code()) % codes.size()];
          // A watch of nothing lasts until its deadline.
          if (watch && absl::IsDeadlineExceeded(answer.status)) continue;
          EXPECT_TRUE(MayBe(answer.status.code())) << "input " << i << " to " << sample.path << ": " << answer.status;
          EXPECT_TRUE(answer.status.ok() || runtime::ReasonOf(answer.status)) << sample.path << ": " << answer.status;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  };
  std::array<std::atomic<int>, 17> codes{};
  run(0, kInputs / 10, codes);  // warm-up: caches and arenas reach their size
  const int64_t before = PeakKb(world.suite().pid());
  run(kInputs / 10, kInputs, codes);
  const int64_t after = PeakKb(world.suite().pid());
  ASSERT_GT(before, 0);
  ASSERT_GT(after, 0) << "it is gone";
  EXPECT_LT(after - before, kMaxGrowthKb) << "memory grew from " << before << " KiB to " << after << " KiB";
  std::cout << "peak memory " << before / 1024 << " MiB after a tenth, " << after / 1024 << " MiB at the end; answers:";
  for (size_t code = 0; code < codes.size(); ++code) {
    if (codes[code] > 0)
      std::cout << " " << absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) << " " << codes[code];
  }
  std::cout << "\n";
  EXPECT_GT(codes[static_cast<size_t>(absl::StatusCode::kInvalidArgument)], kInputs / 4);
  EXPECT_EQ(world.Works(), absl::OkStatus());
  world.ExpectCleanEnd();
}

}  // namespace
}  // namespace throughline::hostile
