// Damaged payloads: whatever the bytes, Parse returns items or an error that says what is wrong.

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"

namespace throughline::supplier {
namespace {

constexpr int kBodies = 10'000;
constexpr uint64_t kSeed = 20250918;

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Mutate(std::string body, const std::string& other) {
    const size_t times = 1 + Below(4);
    for (size_t i = 0; i < times && !body.empty(); ++i) Once(body, other);
    return body;
  }

  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }

 private:
  void Once(std::string& body, const std::string& other) {
    static const std::vector<std::string> kTokens = {"null",
                                                     "true",
                                                     "-1e999",
                                                     "[]",
                                                     "{}",
                                                     "\"\"",
                                                     "\"\\u0000\"",
                                                     "\"\\ud800\"",
                                                     "[[[[",
                                                     "}}}}",
                                                     "99999999999999999999999",
                                                     "\"-99.99\"",
                                                     "\"20250931\"",
                                                     "\"9999-12-31T23:59:59Z\"",
                                                     "\"0000-00-00T00:00:00+18:01\"",
                                                     "\xc3\x28",
                                                     "\xf0\x9f\x93\xa6",
                                                     "\"../../etc/passwd\"",
                                                     "\x1f",
                                                     "\"" + std::string(3000, 'x') + "\"",
                                                     "\"2025-09-17T19:05:60Z\"",
                                                     "-0",
                                                     "1.5",
                                                     "\"Z\""};
    const size_t at = Below(body.size());
    switch (Below(8)) {
      case 0:
        body[at] = static_cast<char>(Below(256));
        return;
      case 1:
        body.erase(at, 1 + Below(40));
        return;
      case 2:
        body.insert(at, kTokens[Below(kTokens.size())]);
        return;
      case 3:
        body.resize(at);
        return;
      case 4:
        body.insert(at, other.substr(Below(other.size()), 1 + Below(200)));
        return;
      case 5:
        body[at] ^= static_cast<char>(1 << Below(8));
        return;
      case 6:
      case 7:
        return ReplaceValue(body, kTokens[Below(kTokens.size())]);
    }
  }

  // Keeps much of the result valid JSON.
  void ReplaceValue(std::string& body, const std::string& token) {
    const size_t colon = body.find(": ", Below(body.size()));
    if (colon == std::string::npos) return;
    const size_t end = body.find_first_of(",\n", colon);
    if (end != std::string::npos) body.replace(colon + 2, end - colon - 2, token);
  }

  std::mt19937_64 random_;
};

void ExpectSound(const ParsedItem& item) {
  EXPECT_FALSE(item.event.carrier().empty());
  EXPECT_FALSE(item.raw.empty() && item.kind != ParsedItem::Kind::kExpectation);
  EXPECT_LE(item.event.text().size(), 1024u);
  if (item.kind == ParsedItem::Kind::kMalformed) {
    EXPECT_EQ(item.error.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(item.error.message().empty());
    return;
  }
  EXPECT_FALSE(item.event.tracking_number().empty());
  EXPECT_TRUE(item.error.ok());
  EXPECT_EQ(item.event.has_eta(), item.eta_stated_at.seconds() != 0);
  EXPECT_EQ(item.event.has_eta(), item.event.eta().has_latest());
  if (item.kind == ParsedItem::Kind::kExpectation) return;
  EXPECT_TRUE(item.event.time().has_instant());
  EXPECT_GE(item.event.time().instant().seconds(), 631'000'000);
  EXPECT_NE(item.event.time().offset_source(), v1::OFFSET_SOURCE_UNSPECIFIED);
  const bool known = item.judgement.kind != Judgement::Kind::kUnmapped;
  EXPECT_EQ(known, item.judgement.meaning.state() != v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(item.judgement.kind != Judgement::Kind::kKnown, !item.judgement.why.empty());
  // Every field can be written to a record.
  EXPECT_FALSE(item.event.SerializeAsString().empty());
}

TEST(HostileInput, GivesItemsOrAClearError) {
  const auto carriers = Carriers::Load("");
  ASSERT_TRUE(carriers.ok()) << carriers.status();
  const auto payloads = AllPayloads();
  ASSERT_GT(payloads.size(), 15u);
  Mutator mutator(kSeed);
  int read = 0, refused = 0, malformed = 0;
  std::chrono::steady_clock::duration longest{};
  for (int i = 0; i < kBodies; ++i) {
    const auto& [format, path, body] = payloads[mutator.Below(payloads.size())];
    const std::string mutated = mutator.Mutate(body, payloads[mutator.Below(payloads.size())].body);
    SCOPED_TRACE(testing::Message() << "body " << i << " of seed " << kSeed << ", " << format << ":\n" << mutated);
    const auto begin = std::chrono::steady_clock::now();
    const auto items = (*carriers)->Find(format)->Parse(mutated);
    longest = std::max(longest, std::chrono::steady_clock::now() - begin);
    if (!items.ok()) {
      ++refused;
      EXPECT_EQ(items.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_GT(items.status().message().size(), 10u);
    } else {
      ++read;
      for (const ParsedItem& item : *items) {
        malformed += item.kind == ParsedItem::Kind::kMalformed;
        ExpectSound(item);
      }
    }
    if (HasFailure()) return;
  }
  // If one of these never happens, the mutations do not test enough.
  EXPECT_GT(read, kBodies / 20);
  EXPECT_GT(refused, kBodies / 20);
  EXPECT_GT(malformed, 50);
  EXPECT_LT(longest, std::chrono::seconds(2));
}

TEST(HostileInput, IsRefusedQuicklyAtTheLargestSize) {
  const auto carriers = Carriers::Load("");
  ASSERT_TRUE(carriers.ok());
  const std::string deep(5 << 20, '[');
  std::string wide = "[";
  while (wide.size() < (5 << 20) - 4) wide += "{},";
  std::string numbers = "{\"a\":" + std::string((5 << 20) - 100, '9') + "}";
  for (std::string_view format : (*carriers)->Formats()) {
    for (const std::string& body : {deep, wide + "{}]", numbers, std::string(5 << 20, '\0')}) {
      const auto items = (*carriers)->Find(format)->Parse(body);
      if (!items.ok()) continue;
      for (const ParsedItem& item : *items) EXPECT_EQ(item.kind, ParsedItem::Kind::kMalformed) << format;
    }
  }
}

}  // namespace
}  // namespace throughline::supplier
