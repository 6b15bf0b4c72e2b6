#include "libs/identity/jwt.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "tests/support/jwt_issuer.h"
#include "tests/support/test_directory.h"

namespace throughline::identity {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::JwtIssuer;
using testing::KeySetOf;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr int64_t kNowSeconds = 1'700'000'000;

class Jwt : public ::testing::Test {
 protected:
  static json Claims() {
    return {{"iss", "https://issuer.test"}, {"aud", "throughline"}, {"sub", "ana"}, {"roles", {"rep"}},
            {"exp", kNowSeconds + 60},      {"team", "care"}};
  }
  static json With(const char* name, json value) {
    json claims = Claims();
    claims[name] = std::move(value);
    return claims;
  }
  static json Without(const char* name) {
    json claims = Claims();
    claims.erase(name);
    return claims;
  }

  absl::StatusOr<KeySet> Read(const std::string& content) {
    const std::string path = directory_.path() + "/keys.json";
    std::ofstream(path) << content;
    return ReadKeySet(path);
  }
  void SetUp() override {
    auto keys = Read(KeySetOf({rsa_, ec_}));
    ASSERT_TRUE(keys.ok()) << keys.status();
    keys_ = *std::move(keys);
  }
  std::string Reason(const std::string& token, absl::Time now = kNow) {
    return runtime::ReasonOf(VerifyJwt(token, keys_, policy_, now).status()).value_or("");
  }

  const TestDirectory directory_;
  const JwtIssuer rsa_ = JwtIssuer::Rsa("one");
  const JwtIssuer ec_ = JwtIssuer::Ec("two");
  KeySet keys_;
  JwtPolicy policy_{.issuer = "https://issuer.test", .audience = "throughline"};
};

TEST_F(Jwt, SaysWhoItIs) {
  for (const JwtIssuer& issuer : {rsa_, ec_}) {
    const auto verified = VerifyJwt(issuer.Sign(Claims()), keys_, policy_, kNow);
    ASSERT_TRUE(verified.ok()) << issuer.alg() << verified.status();
    EXPECT_EQ(verified->identity->name, "ana");
    EXPECT_THAT(verified->identity->roles, ElementsAre(common::v1::ROLE_REP));
    EXPECT_EQ(verified->identity->team, "care");
    EXPECT_EQ(verified->expires, kNow + absl::Seconds(60) + policy_.leeway);
  }
  EXPECT_EQ(Reason(rsa_.SignAs({{"alg", "RS256"}}, Claims())), "") << "without kid, any of its keys";
  EXPECT_EQ(Reason(rsa_.Sign(With("aud", {"other", "throughline"}))), "");
}

TEST_F(Jwt, IsRefusedWithItsReason) {
  const JwtIssuer other = JwtIssuer::Rsa("one"), unknown = JwtIssuer::Rsa("three"), other_ec = JwtIssuer::Ec("two");
  const std::string good = rsa_.Sign(Claims());
  const json none = {{"alg", "none"}};
  const std::string signature = good.substr(good.rfind('.'));
  struct Case {
    const char* what;
    std::string token;
    const char* reason;
  };
  for (const Case& one : std::vector<Case>{
           {"alg none", testing::Unsigned(none, Claims()) + ".", "TOKEN_ALGORITHM"},
           {"alg none, with a signature", testing::Unsigned(none, Claims()) + signature, "TOKEN_ALGORITHM"},
           {"alg None", testing::Unsigned({{"alg", "None"}}, Claims()) + ".", "TOKEN_ALGORITHM"},
           {"no alg", testing::Unsigned({{"kid", "one"}}, Claims()) + signature, "TOKEN_ALGORITHM"},
           {"the public key as a secret",
            testing::SignedWithSecret({{"alg", "HS256"}, {"kid", "one"}}, Claims(), rsa_.Pem()), "TOKEN_ALGORITHM"},
           {"the public key as a secret of RS256",
            testing::SignedWithSecret({{"alg", "RS256"}, {"kid", "one"}}, Claims(), rsa_.Pem()), "TOKEN_SIGNATURE"},
           {"another key with the same kid", other.Sign(Claims()), "TOKEN_SIGNATURE"},
           {"another P-256 key with the same kid", other_ec.Sign(Claims()), "TOKEN_SIGNATURE"},
           {"an unknown kid", unknown.Sign(Claims()), "TOKEN_KEY_UNKNOWN"},
           {"the kid of a key for another algorithm", rsa_.SignAs({{"alg", "RS256"}, {"kid", "two"}}, Claims()),
            "TOKEN_KEY_UNKNOWN"},
           {"ES256 of an RSA key", rsa_.SignAs({{"alg", "ES256"}, {"kid", "one"}}, Claims()), "TOKEN_KEY_UNKNOWN"},
           {"a key in the header", other.SignAs({{"alg", "RS256"}, {"kid", "x"}, {"jwk", other.Jwk()}}, Claims()),
            "TOKEN_KEY_UNKNOWN"},
           {"an extension that is critical",
            rsa_.SignAs({{"alg", "RS256"}, {"kid", "one"}, {"crit", {"exp"}}}, Claims()), "TOKEN_ALGORITHM"},
           {"other claims under the signature",
            testing::Unsigned({{"alg", "RS256"}, {"kid", "one"}}, With("roles", {"admin"})) + signature,
            "TOKEN_SIGNATURE"},
           {"no signature", good.substr(0, good.rfind('.') + 1), "TOKEN_SIGNATURE"},
           {"another issuer", rsa_.Sign(With("iss", "https://other.test")), "TOKEN_ISSUER"},
           {"no issuer", rsa_.Sign(Without("iss")), "TOKEN_ISSUER"},
           {"another audience", rsa_.Sign(With("aud", "payroll")), "TOKEN_AUDIENCE"},
           {"other audiences", rsa_.Sign(With("aud", {"payroll", "mail"})), "TOKEN_AUDIENCE"},
           {"no audience", rsa_.Sign(Without("aud")), "TOKEN_AUDIENCE"},
           {"expired", rsa_.Sign(With("exp", kNowSeconds - 31)), "TOKEN_EXPIRED"},
           {"no end", rsa_.Sign(Without("exp")), "TOKEN_EXPIRED"},
           {"an end that is no number", rsa_.Sign(With("exp", "never")), "TOKEN_EXPIRED"},
           {"not valid yet", rsa_.Sign(With("nbf", kNowSeconds + 31)), "TOKEN_NOT_YET_VALID"},
           {"no role of ours", rsa_.Sign(With("roles", {"cook"})), "TOKEN_CLAIMS"},
           {"no role", rsa_.Sign(Without("roles")), "TOKEN_CLAIMS"},
           {"nobody", rsa_.Sign(Without("sub")), "TOKEN_CLAIMS"},
           {"a name that cannot be one", rsa_.Sign(With("sub", "Ana Müller")), "TOKEN_CLAIMS"},
           {"a partner without a party", rsa_.Sign(With("roles", {"partner"})), "TOKEN_CLAIMS"},
           {"a team with another line", rsa_.Sign(With("team", "care\nroot")), "TOKEN_CLAIMS"},
           {"too long", rsa_.Sign(With("more", std::string(JwtPolicy::kMaxBytes, 'x'))), "TOKEN_TOO_LONG"},
           {"no JSON", "e30.bm8.e30", "BAD_TOKEN"},
           {"no base64", "a+b.c/d.e=f", "BAD_TOKEN"},
           {"two parts", "e30.e30", "BAD_TOKEN"},
           {"claims that are a list", testing::Unsigned({{"alg", "RS256"}}, json::array()) + signature, "BAD_TOKEN"},
       }) {
    const absl::Status status = VerifyJwt(one.token, keys_, policy_, kNow).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << one.what;
    EXPECT_EQ(runtime::ReasonOf(status).value_or(""), one.reason) << one.what << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(": ")) << one.what << " says what to do";
  }
}

TEST_F(Jwt, TimesHaveALeeway) {
  const std::string token = rsa_.Sign(With("nbf", kNowSeconds + 10));
  EXPECT_EQ(Reason(token, kNow - absl::Seconds(21)), "TOKEN_NOT_YET_VALID");
  EXPECT_EQ(Reason(token, kNow - absl::Seconds(20)), "");
  EXPECT_EQ(Reason(token, kNow + absl::Seconds(89)), "");
  EXPECT_EQ(Reason(token, kNow + absl::Seconds(90)), "TOKEN_EXPIRED");
}

TEST_F(Jwt, SignaturesCannotBeStretched) {
  const std::string token = ec_.Sign(Claims());
  EXPECT_EQ(Reason(token), "");
  for (const size_t at : {token.size() - 40, token.size() - 80, token.size() / 2}) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_NE(Reason(changed), "") << at;
  }
  EXPECT_EQ(Reason(token + "AAAA"), "TOKEN_SIGNATURE");
}

TEST_F(Jwt, ClaimsAreMappedAsTheSettingsSay) {
  policy_.person_claim = "preferred_username";
  policy_.role_claim = "realm_access.roles";
  policy_.party_claim = "https://example.com/carrier";
  policy_.roles = *ParseRoleMap("support-agent=rep, lead=supervisor,edi=partner");
  json claims = Claims();
  claims["preferred_username"] = "ups-edi";
  claims["realm_access"] = {{"roles", {"offline_access", "edi"}}};
  claims["https://example.com/carrier"] = "ups";
  const auto partner = VerifyJwt(rsa_.Sign(claims), keys_, policy_, kNow);
  ASSERT_TRUE(partner.ok()) << partner.status();
  EXPECT_EQ(*partner->identity, (Identity{"ups-edi", {common::v1::ROLE_PARTNER}, "ups", "care"}));
  claims["realm_access"] = {{"roles", "lead support-agent"}};
  const auto both = VerifyJwt(rsa_.Sign(claims), keys_, policy_, kNow);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_THAT(both->identity->roles, ElementsAre(common::v1::ROLE_REP, common::v1::ROLE_SUPERVISOR));
  EXPECT_EQ(both->identity->party, "") << "a party is a partner's";
  claims["realm_access"] = {{"roles", {"rep", "admin"}}};
  EXPECT_EQ(Reason(rsa_.Sign(claims)), "TOKEN_CLAIMS") << "our own names mean nothing beside a map";
  for (const char* bad : {"lead", "lead=boss", "=rep", "a=rep=b"}) EXPECT_FALSE(ParseRoleMap(bad).ok()) << bad;
}

TEST_F(Jwt, KeySetsAreRefusedThatCannotBeMeant) {
  json with_secret = rsa_.Jwk();
  with_secret["d"] = "AQAB";
  json oct = {{"kty", "oct"}, {"k", "c2VjcmV0"}};
  json off_curve = ec_.Jwk();
  off_curve["y"] = off_curve["x"];
  json for_encryption = rsa_.Jwk();
  for_encryption["use"] = "enc";
  const auto set = [](std::vector<json> keys) { return json{{"keys", keys}}.dump(); };
  for (const auto& [content, says] : std::vector<std::pair<std::string, const char*>>{
           {"nonsense", "not a JSON Web Key Set"},
           {"{}", "not a JSON Web Key Set"},
           {set({}), "no key"},
           {set({with_secret}), "secret"},
           {set({rsa_.Jwk(), oct}), "secret"},
           {set({off_curve}), "no usable EC key"},
           {set({for_encryption}), "no key"},
           {KeySetOf({JwtIssuer::Rsa("small", 1024)}), "2048"},
           {KeySetOf({rsa_, JwtIssuer::Rsa("one")}), "two keys"},
       }) {
    const absl::Status status = Read(content).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << content;
    EXPECT_THAT(std::string(status.message()), HasSubstr(says));
  }
  EXPECT_EQ(ReadKeySet(directory_.path() + "/none.json").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Read(set({rsa_.Jwk(), for_encryption}))->keys.size(), 1u);
}

TEST_F(Jwt, ADirectoryHoldsTheKeysOfARotation) {
  const std::string directory = directory_.path() + "/keys";
  ASSERT_EQ(mkdir(directory.c_str(), 0700), 0);
  EXPECT_FALSE(ReadKeySet(directory).ok());
  std::ofstream(directory + "/old.json") << KeySetOf({rsa_});
  std::ofstream(directory + "/new.json") << KeySetOf({ec_, rsa_});
  std::ofstream(directory + "/README") << "no keys";
  const auto keys = ReadKeySet(directory);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->keys.size(), 2u);
}

}  // namespace
}  // namespace throughline::identity
