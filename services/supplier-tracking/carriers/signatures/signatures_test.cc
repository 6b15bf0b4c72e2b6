#include "services/supplier-tracking/carriers/signatures/signatures.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "libs/crypto/hmac.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::supplier {
namespace {

// Signed with Python's hmac module.
constexpr char kBody[] = R"({"description":"tracker.updated","id":"evt_1"})";
constexpr char kEasypost[] = "hmac-sha256-hex=a3ee1114b9d16304f45281390ea5e06c5573503fc9b8950328c720ab6c75cf54";
constexpr char kAftership[] = "9DTAB7qO1vPQKiiSvLgckHha++mE1TEUgCIgsQmsl4U=";
constexpr char kFedex[] = "xTVIPnf/uFlaZ8f5SgmNPAIJHGgcqPqw/VvzNJZrqb0=";
constexpr char kUspsHex[] = "58d28c19feb0544c4101ec595d9b22d0922bdb24e9ce16fa0fa1160c833b9bc2";
constexpr char kUspsBase64[] = "WNKMGf6wVExBAexZXZsi0JIr2yTpzhb6D6EWDIM7m8I=";
constexpr char kShippo[] = "t=1700000000,v1=7e546617b1ca48dccaf404e8d5ac0512d08e094815f91085b8933cd85a1fd14b";
// The example of the Standard Webhooks specification.
constexpr char kStandardBody[] = R"({"test": 2432232314})";
constexpr char kStandardSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kStandardSignature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

// Signed with OpenSSL's command; the private key is gone.
constexpr char kRsaKeys[] = R"({"keys": [{"kty": "EC", "kid": "ec", "crv": "P-256", "x": "?", "y": "?"}, {"kty": "RSA",
  "use": "sig", "alg": "RS256", "kid": "key-1", "e": "AQAB", "n": "hZ1_CDamBr0jPzKcxOVuUhWC9GEDYA1sw7FwOpA6cMQbg900rJPHoeIeMt5nHsWYPNKD4eMVwff9v0tfq6Ioi_kccpWBoEyU1Y5l8a-OFDRKHRya0pUYJoBiNsasmNvd3p8vquUR45COdwBLn6WdMmHGI4lUWikc5J7Q-m_d7PlqmAwz7TZ6qikYLPHfeRY_MOgHsLg3R_i7VepNIOobD12X7hg_MaOf_ooJ7EOQLsoC378ljXEZzj_NppP0sXQTy4r7kFalwiR2N3St2tOL0FdR9O8g7hXagvUnl5AUm8l1pKaGavGMJlGjQvfhPN8KahLRGJKUnZYJd8a4PMHQVQ"}]})";
constexpr char kOtherRsaKeys[] =
    R"({"keys": [{"kty": "RSA", "kid": "key-1", "e": "AQAB", "n": "jSuUUw__6io8dZVk5qsT8Wj7W17ZRhzHyorcMWSZf-MXymky9RJYfkaNsTd7rdSm4zH7hCLR4NxuUaqx8wJw_laKve9j_fS3csUAFBXZCFKTdpffWKhaySQEtMdqY9XvAxAJ6s79zLNeCa-xJetPTD183XD7OOHsD2TmJAYbb6MG4SbFS0HkvK40u8TXp4lW1ZR-i_mY6n_tQYFzth8ACctLpzRuCv6EH2QmESAiY0YU2RzmGNUJXxN6hdjnsEAZYnDNpbhrian2av2xSR4Vv25pAgqvToIPUMLPZO92J5erL7PIh9-9HL9tJKav0zjRAQEBzGHcB3Ij6KmuETLlxw"}]})";
constexpr char kRsaBody[] = R"({"resource_type":"API_TRACK","data":{"tracking_number":"9400111899223197428497"}})";
constexpr int64_t kRsaTime = 1786119001;  // 2026-08-07T16:10:01Z
constexpr char kRsaSignature[] =
    "bbKW5NLU9NA7fGsT8QYu/7DYrbb9VP2zaF1zPADKOLskxwpUOXWSUGM3h4xtKnXkatnuf/clyvtHTJeJo2H9cF6+BP2HMXkoujcVvzQ5bPPUljw7S+"
    "87GL9QuYMdW6O3GyJPGiKirW0spqw4WU/ufiw9n1lu5Wjrb3sVQixKSTpO/2nlsfe6UTdJ5jRTmeddsHPSgh49uFTmxBTM2i6v1lL9xaxwYgdxMMNf"
    "yI094qsg9793eQMut1mAbibeqy4q2DEDy2pQwKBODuonlEbXqGQwLzwU1mPMuoxGm48u126ZBGoCoy75g6necPtwB0OFSEKcoSCNF3IKj95/qbX3pg"
    "==";
constexpr char kRsaSignatureOfYesterday[] =
    "fP2Pz98WHq9pgaO4Fr3In092SrlaUiNBPjZbKwMWb7RSNNaXlzJGbrXwiIcZRXRiA8JlKSENn/70fHglw1u0hCprDlwC1zZUb2q9azfJ6ws/6bcNI7"
    "SLOAZsVnS99tpBmvz6s2jSGl37eM4OEB8KcMZQ9473uHSTeYJwYZCFdqZk8wr7cEsY6TaFu9297v9vqoTuvHOwwBX4qonrFzSuu2my/pyTI98sLVol"
    "SLtf85U35biabIn/LxOY2qGC5Pl5TdPSdZ2IRHmnblY8YsXlkS54zPtLtCtUkpGG5GnkA0Y30j0AnRE+v+jERonZtym9KumyQVdZscHwF6D/Amm22Q"
    "==";

// What a source's genuine push looks like.
struct Genuine {
  const char* source;
  PushKeys keys;
  std::vector<PushHeader> headers;
  std::string_view token;
  std::string_view body;
  int64_t at;       // when it is genuine
  bool signs_body;  // the signature covers the body
  bool signs_time;
  const char* other_secret = "another-secret";
};

std::vector<Genuine> All() {
  return {
      {"aftership", {{"as-secret"}, ""}, {{"aftership-hmac-sha256", kAftership}}, "", kBody, 0, true, false},
      {"dhl", {{"key-1"}, "X-Our-Key"}, {{"x-our-key", "key-1"}}, "", kBody, 0, false, false},
      {"easypost",
       {{"s\xc3\xa9"
         "cret"},
        ""},
       {{"X-Hmac-Signature", kEasypost}},
       "",
       kBody,
       0,
       true,
       false},
      {"fedex", {{"token"}, ""}, {{"FDX-Signature", kFedex}}, "", kBody, 0, true, false},
      {"shipengine",
       {{kRsaKeys}, ""},
       {{"X-ShipEngine-RSA-SHA256-Key-Id", "key-1"},
        {"X-ShipEngine-RSA-SHA256-Signature", kRsaSignature},
        {"X-ShipEngine-Timestamp", "2026-08-07T16:10:01Z"}},
       "",
       kRsaBody,
       kRsaTime,
       true,
       true,
       kOtherRsaKeys},
      {"shippo", {{"sh"}, ""}, {{"Shippo-Auth-Signature", kShippo}}, "", kBody, 1700000000, true, true},
      {"shippo-token", {{"123abc"}, ""}, {}, "123abc", kBody, 0, false, false},
      {"standard-webhooks",
       {{kStandardSecret}, ""},
       {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
        {"webhook-timestamp", "1614265330"},
        {"webhook-signature", kStandardSignature}},
       "",
       kStandardBody,
       1614265330,
       true,
       true,
       "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
      {"ups", {{"our-credential"}, ""}, {{"Credential", "our-credential"}}, "", kBody, 0, false, false},
      {"usps", {{"usps"}, ""}, {{"X-HMAC", kUspsHex}}, "", kBody, 0, true, false},
  };
}

class Signatures : public testing::TestWithParam<Genuine> {
 protected:
  static Push PushOf(const Genuine& genuine) { return {genuine.headers, genuine.token, genuine.body}; }
  std::string Verified(const PushKeys& keys, const Push& push, int64_t later = 0) const {
    const absl::Status status = VerifyPush(GetParam().source, keys, push, absl::FromUnixSeconds(GetParam().at + later));
    return status.ok() ? "genuine" : runtime::ReasonOf(status).value_or("?");
  }
};

TEST_P(Signatures, AGenuinePushIsGenuine) {
  const Genuine& genuine = GetParam();
  EXPECT_EQ(Verified(genuine.keys, PushOf(genuine)), "genuine");
}

TEST_P(Signatures, TwoSecretsAreLiveDuringARotationAndNoThird) {
  const Genuine& genuine = GetParam();
  const std::string old = genuine.keys.secrets[0], other = genuine.other_secret;
  EXPECT_EQ(Verified({{other, old}, genuine.keys.header}, PushOf(genuine)), "genuine");
  EXPECT_EQ(Verified({{old, other}, genuine.keys.header}, PushOf(genuine)), "genuine");
  EXPECT_EQ(Verified({{other}, genuine.keys.header}, PushOf(genuine)), "SIGNATURE_WRONG");
  EXPECT_EQ(Verified({{other, other, old}, genuine.keys.header}, PushOf(genuine)), "SECRET_MISSING");
}

TEST_P(Signatures, ItFailsClosed) {
  const Genuine& genuine = GetParam();
  EXPECT_EQ(Verified({{}, genuine.keys.header}, PushOf(genuine)), "SECRET_MISSING");
  EXPECT_EQ(Verified({{""}, genuine.keys.header}, PushOf(genuine)), "SECRET_MISSING");
  Push none = PushOf(genuine);
  none.headers.clear();
  none.token = "";
  EXPECT_EQ(Verified(genuine.keys, none), "SIGNATURE_MISSING");
  for (size_t i = 0; i < genuine.headers.size(); ++i) {
    Push without = PushOf(genuine);
    without.headers.erase(without.headers.begin() + static_cast<int64_t>(i));
    EXPECT_EQ(Verified(genuine.keys, without), "SIGNATURE_MISSING") << genuine.headers[i].name;
    Push twice = PushOf(genuine);
    twice.headers.push_back(genuine.headers[i]);
    EXPECT_EQ(Verified(genuine.keys, twice), "SIGNATURE_MISSING") << genuine.headers[i].name;
    Push empty = PushOf(genuine);
    empty.headers[i].value = "";
    EXPECT_EQ(Verified(genuine.keys, empty), "SIGNATURE_MISSING") << genuine.headers[i].name;
    Push rubbish = PushOf(genuine);
    rubbish.headers[i].value = "====";
    EXPECT_EQ(Verified(genuine.keys, rubbish), "SIGNATURE_WRONG") << genuine.headers[i].name;
  }
}

// Of the signature, of the signed time and id, and of the body.
TEST_P(Signatures, EveryBitCounts) {
  const Genuine& genuine = GetParam();
  for (size_t i = 0; i < genuine.headers.size(); ++i) {
    const std::string value(genuine.headers[i].value);
    for (size_t at = 0; at < value.size(); ++at) {
      if (value[at] == '=' && at + 1 == value.size()) continue;  // padding
      std::string changed = value;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      if (absl::EqualsIgnoreCase(changed, value)) continue;  // a digit in hexadecimal
      Push push = PushOf(genuine);
      push.headers[i].value = changed;
      // The last letter of a base64 code has bits that say nothing.
      if (value.back() == '=' && at == value.find_last_not_of('=')) continue;
      EXPECT_EQ(Verified(genuine.keys, push), "SIGNATURE_WRONG") << genuine.headers[i].name << ": " << changed;
    }
  }
  if (!genuine.signs_body) return;
  for (size_t at = 0; at < genuine.body.size(); ++at) {
    std::string changed(genuine.body);
    changed[at] = static_cast<char>(changed[at] ^ 1);
    Push push = PushOf(genuine);
    push.body = changed;
    EXPECT_EQ(Verified(genuine.keys, push), "SIGNATURE_WRONG");
  }
  for (const std::string& other : {std::string(), absl::StrCat(std::string(genuine.body), " ")}) {
    Push push = PushOf(genuine);
    push.body = other;
    EXPECT_EQ(Verified(genuine.keys, push), "SIGNATURE_WRONG");
  }
}

TEST_P(Signatures, ASignedTimeCountsFiveMinutes) {
  const Genuine& genuine = GetParam();
  for (const int64_t later : {-300, 300}) EXPECT_EQ(Verified(genuine.keys, PushOf(genuine), later), "genuine");
  for (const int64_t later : {-301, 301, 100'000'000}) {
    EXPECT_EQ(Verified(genuine.keys, PushOf(genuine), later), genuine.signs_time ? "SIGNATURE_STALE" : "genuine");
  }
}

INSTANTIATE_TEST_SUITE_P(Sources, Signatures, testing::ValuesIn(All()), [](const auto& info) {
  std::string name = info.param.source;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(SignedSources, AreAllTestedAndSorted) {
  std::vector<std::string_view> tested;
  for (const Genuine& genuine : All()) tested.emplace_back(genuine.source);
  EXPECT_EQ(SignedSources(), tested);
  EXPECT_TRUE(std::is_sorted(tested.begin(), tested.end()));
}

std::string Reason(std::string_view source, const PushKeys& keys, const Push& push, int64_t at = 0) {
  return runtime::ReasonOf(VerifyPush(source, keys, push, absl::FromUnixSeconds(at))).value_or("genuine");
}

TEST(VerifyPush, ASourceThatNobodyKnowsIsRefused) {
  EXPECT_EQ(Reason("acme", {{"s"}, ""}, {}), "SOURCE_UNKNOWN");
  EXPECT_EQ(Reason("", {{"s"}, ""}, {}), "SOURCE_UNKNOWN");
}

// `é` is one letter, or `e` and an accent: both are the same secret.
TEST(VerifyPush, EasypostsSecretIsBroughtIntoOneForm) {
  const Push push{{{"x-hmac-signature", kEasypost}}, "", kBody};
  EXPECT_EQ(Reason("easypost",
                   {{"s\xc3\xa9"
                     "cret"},
                    ""},
                   push),
            "genuine");
  EXPECT_EQ(Reason("easypost",
                   {{"se\xcc\x81"
                     "cret"},
                    ""},
                   push),
            "genuine");
  EXPECT_EQ(Reason("easypost", {{"secret"}, ""}, push), "SIGNATURE_WRONG");
}

TEST(VerifyPush, UspsMayWriteEitherCode) {
  EXPECT_EQ(Reason("usps", {{"usps"}, ""}, {{{"x-hmac", kUspsBase64}}, "", kBody}), "genuine");
  EXPECT_EQ(Reason("usps", {{"usps"}, ""}, {{{"x-hmac", absl::AsciiStrToUpper(kUspsHex)}}, "", kBody}), "genuine");
}

TEST(VerifyPush, DhlsHeaderMustBeNamed) {
  EXPECT_EQ(Reason("dhl", {{"key-1"}, ""}, {{{"x-our-key", "key-1"}}, "", kBody}), "SECRET_MISSING");
}

TEST(VerifyPush, ShipenginesKeysAreAJwkSet) {
  const std::vector<PushHeader> headers = {{"x-shipengine-rsa-sha256-key-id", "key-1"},
                                           {"x-shipengine-rsa-sha256-signature", kRsaSignature},
                                           {"x-shipengine-timestamp", "2026-08-07T16:10:01Z"}};
  const Push push{headers, "", kRsaBody};
  for (const char* none : {"another-secret", "{}", "[]", R"({"keys": []})", R"({"keys": [{"kty": "EC", "kid": "e"}]})",
                           R"({"keys": [{"kty": "RSA", "kid": "key-1", "n": "?", "e": "AQAB"}]})",
                           R"({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]})"}) {
    EXPECT_EQ(Reason("shipengine", {{none}, ""}, push, kRsaTime), "SECRET_MISSING") << none;
  }
  // A key that is too short signs nothing, nor does a signature that is none.
  EXPECT_EQ(Reason("shipengine", {{R"({"keys": [{"kty": "RSA", "kid": "key-1", "n": "AQAB", "e": "AQAB"}]})"}, ""},
                   push, kRsaTime),
            "SIGNATURE_WRONG");
  Push empty = push;
  empty.headers[1].value = "AAAA";
  EXPECT_EQ(Reason("shipengine", {{kRsaKeys}, ""}, empty, kRsaTime), "SIGNATURE_WRONG");
}

// Signed, but by no clock.
TEST(VerifyPush, ShipenginesTimeIsATime) {
  const std::vector<PushHeader> headers = {{"x-shipengine-rsa-sha256-key-id", "key-1"},
                                           {"x-shipengine-rsa-sha256-signature", kRsaSignatureOfYesterday},
                                           {"x-shipengine-timestamp", "yesterday"}};
  EXPECT_EQ(Reason("shipengine", {{kRsaKeys}, ""}, {headers, "", kRsaBody}, kRsaTime), "SIGNATURE_WRONG");
}

// The sender's own rotation: several signatures beside each other.
TEST(VerifyPush, OneOfSeveralSignaturesIsEnough) {
  const std::string two = absl::StrCat("v1,", kUspsBase64, " ", kStandardSignature, " v1a,abc");
  const PushKeys keys{{kStandardSecret}, ""};
  const std::vector<PushHeader> headers = {
      {"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", two}};
  EXPECT_EQ(Reason("standard-webhooks", keys, {headers, "", kStandardBody}, 1614265330), "genuine");
  const std::string zero = absl::BytesToHexString(std::string(32, '\0'));
  EXPECT_EQ(Reason("shippo", {{"sh"}, ""},
                   {{{"shippo-auth-signature", absl::StrCat(kShippo, ", v1=", zero)}}, "", kBody}, 1700000000),
            "genuine");
}

TEST(VerifyPush, TheSignedTimeIsTheOneThatIsChecked) {
  const std::string twice = absl::StrCat("t=1800000000,", kShippo);
  EXPECT_EQ(Reason("shippo", {{"sh"}, ""}, {{{"shippo-auth-signature", twice}}, "", kBody}, 1800000000),
            "SIGNATURE_WRONG");
}

// What is not a number of seconds is refused even if it is signed.
TEST(VerifyPush, ASignedTimeIsANumber) {
  for (const std::string time : {"", "-1", "1e9", "99999999999999999999", "0x5f5e100", " 1700000000"}) {
    const std::string mac = absl::BytesToHexString(crypto::HmacSha256("sh", absl::StrCat(time, ".", kBody)));
    const std::string header = absl::StrCat("t=", time, ",v1=", mac);
    EXPECT_EQ(Reason("shippo", {{"sh"}, ""}, {{{"shippo-auth-signature", header}}, "", kBody}, 1700000000),
              "SIGNATURE_WRONG")
        << time;
  }
}

TEST(VerifyPush, ASecretOfStandardWebhooksThatIsNoneIsNamed) {
  const std::vector<PushHeader> headers = {
      {"webhook-id", "m"}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", kStandardSignature}};
  EXPECT_EQ(Reason("standard-webhooks", {{"whsec_?"}, ""}, {headers, "", "x"}, 1614265330), "SECRET_MISSING");
}

}  // namespace
}  // namespace throughline::supplier
