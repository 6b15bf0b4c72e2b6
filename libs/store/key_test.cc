// Keys sort as their values do, and can be decoded.

#include "libs/store/key.h"

#include <random>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"

namespace throughline::store {
namespace {

using Values = std::tuple<std::string, int64_t, absl::Time, std::string>;

std::string KeyOf(const Values& v) {
  std::string key;
  AppendKey(key, std::string_view(std::get<0>(v)));
  AppendKey(key, std::get<1>(v));
  AppendKey(key, std::get<2>(v));
  AppendKey(key, std::string_view(std::get<3>(v)));
  return key;
}

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}
  // Short, from the few bytes that the encoding uses, so that prefixes and equal keys are common.
  std::string String() {
    constexpr char kBytes[] = {'\0', '\x01', 'a', '\xfe', '\xff'};
    std::string s(random_() % 5, '\0');
    for (char& c : s) c = kBytes[random_() % 5];
    return s;
  }
  int64_t Integer() {
    constexpr int64_t kEdges[] = {INT64_MIN, INT64_MIN + 1, -256, -1, 0, 1, 255, 256, INT64_MAX};
    return random_() % 2 == 0 ? kEdges[random_() % 9] : static_cast<int64_t>(random_());
  }
  absl::Time Time() { return absl::FromUnixMicros(static_cast<int64_t>(random_() % 4) - 2); }
  Values All() { return {String(), Integer() % 3, Time(), String()}; }

 private:
  std::mt19937_64 random_;
};

TEST(Key, SortsAsTheValuesDo) {
  Draw draw(1);
  for (int i = 0; i < 100'000; ++i) {
    const Values a = draw.All();
    const Values b = draw.All();
    ASSERT_EQ(a < b, KeyOf(a) < KeyOf(b)) << i;
    ASSERT_EQ(a == b, KeyOf(a) == KeyOf(b)) << i;
  }
}

TEST(Key, SortsIntegersOfAnySize) {
  Draw draw(2);
  for (int i = 0; i < 100'000; ++i) {
    const int64_t a = draw.Integer();
    const int64_t b = draw.Integer();
    std::string key_a;
    std::string key_b;
    AppendKey(key_a, a);
    AppendKey(key_b, b);
    ASSERT_EQ(a < b, key_a < key_b) << a << " " << b;
  }
}

TEST(Key, CanBeDecoded) {
  Draw draw(3);
  for (int i = 0; i < 100'000; ++i) {
    const Values values = draw.All();
    const std::string key = KeyOf(values);
    std::string_view rest = key;
    Values back;
    ASSERT_TRUE(TakeKey(rest, std::get<0>(back)) && TakeKey(rest, std::get<1>(back)) &&
                TakeKey(rest, std::get<2>(back)) && TakeKey(rest, std::get<3>(back)));
    ASSERT_EQ(back, values);
    ASSERT_TRUE(rest.empty());
  }
}

TEST(Key, OfAStringIsNotAPrefixOfAnother) {
  Draw draw(4);
  for (int i = 0; i < 100'000; ++i) {
    const std::string a = draw.String();
    const std::string b = draw.String();
    std::string key_a;
    std::string key_b;
    AppendKey(key_a, std::string_view(a));
    AppendKey(key_b, std::string_view(b));
    ASSERT_EQ(a == b, key_b.starts_with(key_a));
  }
}

TEST(Key, OfABeginningIsAPrefixOfThoseThatBeginSo) {
  Draw draw(5);
  for (int i = 0; i < 100'000; ++i) {
    const std::string a = draw.String();
    const std::string b = draw.String();
    std::string beginning;
    std::string key_b;
    AppendKey(beginning, Beginning{a});
    AppendKey(key_b, std::string_view(b));
    ASSERT_EQ(b.starts_with(a), key_b.starts_with(beginning));
  }
}

TEST(Key, DescendingPutsTheNewestFirst) {
  std::string older;
  std::string newer;
  AppendKey(older, Descending{absl::FromUnixMicros(-5)});
  AppendKey(newer, Descending{absl::FromUnixMicros(7)});
  EXPECT_LT(newer, older);
  Descending back{};
  std::string_view rest = newer;
  ASSERT_TRUE(TakeKey(rest, back));
  EXPECT_EQ(back.time, absl::FromUnixMicros(7));
}

TEST(Key, IsNotDecodedIfTruncated) {
  const std::string key = KeyOf({"ab", 7, absl::FromUnixMicros(9), "c"});
  for (size_t length = 0; length < key.size(); ++length) {
    std::string_view rest = std::string_view(key).substr(0, length);
    Values back;
    EXPECT_FALSE(TakeKey(rest, std::get<0>(back)) && TakeKey(rest, std::get<1>(back)) &&
                 TakeKey(rest, std::get<2>(back)) && TakeKey(rest, std::get<3>(back)))
        << length;
  }
}

}  // namespace
}  // namespace throughline::store
