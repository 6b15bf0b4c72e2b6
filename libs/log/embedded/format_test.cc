#include "libs/log/embedded/format.h"

#include <string>

#include "gtest/gtest.h"

namespace throughline::log::format {
namespace {

std::string KeyString(const Position& p) {
  const Key key = RecordKey(p);
  return std::string(key.data(), key.size());
}

TEST(EmbeddedFormat, KeysSortInTheOrderOfReading) {
  const Position in_order[] = {{{Topic::kIntake, 0}, 0},   {{Topic::kIntake, 0}, 1},         {{Topic::kIntake, 0}, 255},
                               {{Topic::kIntake, 0}, 256}, {{Topic::kIntake, 0}, 1LL << 40}, {{Topic::kIntake, 1}, 0},
                               {{Topic::kIntake, 300}, 0}, {{Topic::kOwnership, 0}, 0}};
  for (size_t i = 0; i + 1 < std::size(in_order); ++i) {
    EXPECT_LT(KeyString(in_order[i]), KeyString(in_order[i + 1])) << i;
    EXPECT_EQ(ParseRecordKey(KeyString(in_order[i])), in_order[i]);
  }
  EXPECT_LT(KeyString(in_order[7]), MetaKey());
  EXPECT_FALSE(ParseRecordKey(MetaKey()).has_value());
  EXPECT_FALSE(ParseRecordKey(AssignmentKey("g", {Topic::kIntake, 1})).has_value());
}

TEST(EmbeddedFormat, BodiesSurviveARoundTrip) {
  for (size_t length : {0u, 1u, 127u, 128u, 20'000u}) {
    const std::string key(length, 'k');
    std::string bytes;
    AppendKeyLength(key.size(), bytes);
    bytes += key + "value";
    const auto body = ParseRecordBody(bytes);
    ASSERT_TRUE(body.has_value()) << length;
    EXPECT_EQ(body->key, key);
    EXPECT_EQ(body->value, "value");
  }
}

TEST(EmbeddedFormat, DamagedBodiesAreRefused) {
  EXPECT_FALSE(ParseRecordBody("").has_value());
  EXPECT_FALSE(ParseRecordBody("\x05"
                               "key")
                   .has_value());
  EXPECT_FALSE(ParseRecordBody("\xff\xff\xff\xff\xff\xff").has_value());
}

TEST(EmbeddedFormat, DescriptionSurvivesARoundTripAndAnotherLayoutIsRefused) {
  Meta meta;
  meta.identity.cluster_id = "c0ffee";
  for (Topic topic : kTopics) meta.identity.topics.push_back({topic, "id-" + TopicName(topic), 12});
  const auto parsed = ParseMeta(EncodeMeta(meta));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->identity, meta.identity);
  meta.layout = 99;
  EXPECT_EQ(ParseMeta(EncodeMeta(meta)).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ParseMeta("garbage").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ParseMeta("layout=1\ncluster_id=x\n").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace throughline::log::format
