#include <set>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

#include "libs/crypto/hmac.h"
#include "libs/crypto/random_bytes.h"
#include "libs/crypto/sha256.h"

namespace throughline::crypto {
namespace {

// FIPS 180-4's examples.
TEST(Sha256, MatchesTheStandardsExamples) {
  EXPECT_EQ(absl::BytesToHexString(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(absl::BytesToHexString(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST(HmacSha256, MatchesTheStandardsExamples) {
  const auto hex = [](const std::string& key, const std::string& bytes) {
    return absl::BytesToHexString(HmacSha256(key, bytes));
  };
  EXPECT_EQ(hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(SameSecret, ComparesAllBytes) {
  EXPECT_TRUE(SameSecret("", ""));
  EXPECT_TRUE(SameSecret("abc", "abc"));
  EXPECT_FALSE(SameSecret("abc", "abd"));
  EXPECT_FALSE(SameSecret("abc", "ab"));
  EXPECT_FALSE(SameSecret(std::string("a\0b", 3), std::string("a\0c", 3)));
}

TEST(RandomBytes, AreAsManyAsAskedForAndNeverTheSame) {
  EXPECT_EQ(RandomBytes(0), "");
  std::set<std::string> drawn;
  for (int i = 0; i < 1000; ++i) {
    const std::string bytes = RandomBytes(16);
    EXPECT_EQ(bytes.size(), 16u);
    EXPECT_TRUE(drawn.insert(bytes).second);
  }
}

}  // namespace
}  // namespace throughline::crypto
