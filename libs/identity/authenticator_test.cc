#include "libs/identity/authenticator.h"

#include <cstdio>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/identity/token_file.h"
#include "libs/runtime/domain/refusal.h"
#include "tests/support/jwt_issuer.h"
#include "tests/support/test_directory.h"

namespace throughline::identity {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::Field;
using testing::JwtIssuer;
using testing::KeySetOf;
using ::testing::Not;

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    token_ = *CreateToken(tokens_path_, {"ana", {common::v1::ROLE_REP}, "", "care"}, now_, now_ + absl::Hours(1));
    tokens_ = *TokenStore::Load(tokens_path_, {.look_for_changes_every = absl::ZeroDuration()});
    Put("keys.json", KeySetOf({issuer_}));
    options_.jwt_keys = directory_.path() + "/keys.json";
    options_.jwt.issuer = "i";
    options_.jwt.audience = "a";
    options_.look_for_changes_every = std::chrono::milliseconds(0);
  }
  // As a whole, so that a reader sees the old file or the new one.
  void Put(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WritePrivateFile(directory_.path() + "/" + name, content).ok());
  }
  void Load() {
    auto made = Authenticator::Load(*tokens_, options_);
    ASSERT_TRUE(made.ok()) << made.status();
    authenticator_ = *std::move(made);
  }
  std::string Jwt(const JwtIssuer& issuer, const std::string& name = "jay", const std::string& role = "rep") const {
    return issuer.Sign(
        {{"iss", "i"}, {"aud", "a"}, {"sub", name}, {"roles", {role}}, {"exp", absl::ToUnixSeconds(now_) + 60}});
  }
  absl::StatusOr<Admitted> Ask(const std::string& bearer, absl::Duration later = absl::ZeroDuration()) const {
    return authenticator_->Authenticate({.bearer = bearer}, now_ + later);
  }
  std::string Reason(const std::string& bearer, absl::Duration later = absl::ZeroDuration()) const {
    return runtime::ReasonOf(Ask(bearer, later).status()).value_or("");
  }

  const TestDirectory directory_;
  const std::string tokens_path_ = TokensPath(directory_.path());
  const absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  const JwtIssuer issuer_ = JwtIssuer::Ec("one");
  std::string token_;
  std::unique_ptr<TokenStore> tokens_;
  AuthenticatorOptions options_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, TakesTokensAndJwts) {
  Load();
  const std::string jwt = Jwt(issuer_);
  for (int i = 0; i < 2; ++i) {  // the second time from the thread's caches
    EXPECT_EQ(Ask(token_)->identity->name, "ana");
    EXPECT_EQ(Ask(jwt)->identity->name, "jay");
  }
  EXPECT_EQ(Reason(jwt, absl::Seconds(90)), "TOKEN_EXPIRED") << "also from the cache";
  EXPECT_EQ(Reason(jwt + "x"), "TOKEN_SIGNATURE");
  EXPECT_EQ(Reason("tl_a.b.c"), "BAD_TOKEN");
  EXPECT_EQ(Reason(""), "NO_TOKEN");
}

TEST_F(AuthenticatorTest, TokensOfTheFileMayExpire) {
  Load();
  EXPECT_EQ(Reason(token_, absl::Minutes(59)), "");
  EXPECT_EQ(Reason(token_, absl::Hours(1)), "TOKEN_EXPIRED");
  const Proof proof = authenticator_->ProofOf(*Ask(token_), {.bearer = token_});
  const Identity who = *Ask(token_)->identity;
  EXPECT_EQ(proof.expires, now_ + absl::Hours(1)) << "when a stream is to be looked at again";
  EXPECT_TRUE(authenticator_->StillStands(proof, who, now_ + absl::Minutes(59)).ok());
  EXPECT_EQ(runtime::ReasonOf(authenticator_->StillStands(proof, who, now_ + absl::Hours(1))), "TOKEN_EXPIRED");
  // An expired token leaves its name free.
  EXPECT_FALSE(CreateToken(tokens_path_, {"ana", {common::v1::ROLE_REP}, "", ""}, now_).ok());
  EXPECT_TRUE(CreateToken(tokens_path_, {"ana", {common::v1::ROLE_REP}, "", ""}, now_ + absl::Hours(2)).ok());
}

TEST_F(AuthenticatorTest, ARotatedTokenHasAnOverlap) {
  Load();
  const auto rotated = RotateToken(tokens_path_, "ana", now_, absl::Minutes(10));
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_EQ(*Ask(token_, absl::Minutes(9))->identity, *Ask(*rotated, absl::Minutes(9))->identity);
  EXPECT_EQ(Reason(token_, absl::Minutes(10)), "TOKEN_EXPIRED");
  EXPECT_EQ(Reason(*rotated, absl::Hours(1000)), "");
  EXPECT_EQ(RotateToken(tokens_path_, "nobody", now_, absl::Minutes(10)).status().code(), absl::StatusCode::kNotFound);
  // The next one does not let the first live longer.
  ASSERT_TRUE(RotateToken(tokens_path_, "ana", now_ + absl::Minutes(5), absl::Hours(1)).ok());
  EXPECT_EQ(Reason(token_, absl::Minutes(10)), "TOKEN_EXPIRED");
}

TEST_F(AuthenticatorTest, WithoutKeysAJwtIsNoToken) {
  options_ = {};
  Load();
  EXPECT_EQ(Reason(Jwt(issuer_)), "BAD_TOKEN");
  EXPECT_TRUE(authenticator_->Known().complete);
}

TEST_F(AuthenticatorTest, NeedsIssuerAndAudience) {
  options_.jwt.audience.clear();
  EXPECT_EQ(Authenticator::Load(*tokens_, options_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(AuthenticatorTest, KeysRotateWithoutARestart) {
  Load();
  const JwtIssuer next = JwtIssuer::Rsa("two");
  const std::string old_token = Jwt(issuer_), new_token = Jwt(next);
  const auto admitted = Ask(old_token);
  const Proof proof = authenticator_->ProofOf(*admitted, {.bearer = old_token});
  EXPECT_EQ(Reason(new_token), "TOKEN_KEY_UNKNOWN");
  Put("keys.json", KeySetOf({issuer_, next}));
  EXPECT_EQ(Reason(new_token), "");
  EXPECT_EQ(Reason(old_token), "");
  EXPECT_TRUE(authenticator_->StillStands(proof, *admitted->identity, now_).ok());
  Put("keys.json", "nonsense");
  EXPECT_EQ(Reason(old_token), "") << "what was read last stays in force";
  Put("keys.json", KeySetOf({next}));
  EXPECT_EQ(Reason(old_token), "TOKEN_KEY_UNKNOWN");
  EXPECT_EQ(runtime::ReasonOf(authenticator_->StillStands(proof, *admitted->identity, now_)), "TOKEN_KEY_UNKNOWN");
  EXPECT_EQ(Reason(new_token), "");
}

TEST_F(AuthenticatorTest, PersonsOfAnotherIssuerAreKnownFromTheirFirstCall) {
  Load();
  const auto names = [&] {
    std::vector<std::string> names;
    for (const TokenInfo& one : authenticator_->Known().listed) names.push_back(one.identity.name);
    return names;
  };
  EXPECT_FALSE(authenticator_->Known().complete);
  EXPECT_THAT(names(), Not(Contains("jay")));
  ASSERT_TRUE(Ask(Jwt(issuer_)).ok());
  ASSERT_TRUE(Ask(Jwt(issuer_, "shop", "service")).ok());
  EXPECT_THAT(names(), Contains("jay"));
  EXPECT_THAT(names(), Not(Contains("shop"))) << "no person";
}

TEST_F(AuthenticatorTest, SaysWhenTokensWereUsedLast) {
  Load();
  EXPECT_TRUE(tokens_->Uses().empty());
  ASSERT_TRUE(Ask(token_).ok());
  ASSERT_TRUE(Ask(token_, absl::Seconds(5)).ok());
  ASSERT_TRUE(CreateToken(tokens_path_, {"ben", {common::v1::ROLE_REP}, "", ""}, now_).ok());  // a new file
  const std::string path = TokenUsesPath(tokens_path_);
  ASSERT_TRUE(AddTokenUses(path, tokens_->Uses()).ok());
  const TokenUses uses = ReadTokenUses(path);
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_EQ(uses.begin()->second, now_ + absl::Seconds(5));
  // Another server saw it earlier.
  ASSERT_TRUE(AddTokenUses(path, {{uses.begin()->first, now_}}).ok());
  EXPECT_EQ(ReadTokenUses(path), uses);
}

}  // namespace
}  // namespace throughline::identity
