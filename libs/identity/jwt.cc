#include "libs/identity/jwt.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "libs/runtime/domain/refusal.h"

namespace throughline::identity {
namespace {

using nlohmann::json;

constexpr size_t kEcSignatureBytes = 64;  // r and s

absl::string_view Abseil(std::string_view text) { return {text.data(), text.size()}; }

absl::Status RefuseJwt(absl::string_view reason, absl::string_view message) {
  return runtime::Refuse(absl::StatusCode::kUnauthenticated, reason, message);
}

absl::Status NoJwt() { return RefuseJwt("BAD_TOKEN", "the token is not a JWT: send it as the issuer gave it"); }

std::optional<std::string> DecodePart(absl::string_view part) {
  const bool plain = std::all_of(part.begin(), part.end(),
                                 [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; });
  std::string bytes;
  if (!plain || !absl::WebSafeBase64Unescape(part, &bytes)) return std::nullopt;
  return bytes;
}

std::optional<json> ParseObject(absl::string_view part) {
  const std::optional<std::string> text = DecodePart(part);
  if (!text) return std::nullopt;
  json object = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

std::string TextOf(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

std::string TextOf(const json& object, const std::string& name) {
  const auto it = object.find(name);
  return it == object.end() ? std::string() : TextOf(*it);
}

// Null: absent. A claim's own name may have dots, such as `https://example.com/roles`.
const json* Claim(const json& claims, const std::string& name) {
  if (const auto it = claims.find(name); it != claims.end()) return &*it;
  const json* at = &claims;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(name, '.'))) {
    if (!at->is_object()) return nullptr;
    const auto it = at->find(part);
    if (it == at->end()) return nullptr;
    at = &*it;
  }
  return at;
}

bool NamesAudience(const json& claim, const std::string& wanted) {
  if (claim.is_array())
    return std::any_of(claim.begin(), claim.end(), [&](const json& v) { return TextOf(v) == wanted; });
  return TextOf(claim) == wanted;
}

// OpenSSL takes a signature of ECDSA as DER, a JWT has r and s one after the other.
std::string ToDer(const std::string& raw) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  const std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> signature(ECDSA_SIG_new(), &ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(bytes, kEcSignatureBytes / 2, nullptr);
  BIGNUM* s = BN_bin2bn(bytes + kEcSignatureBytes / 2, kEcSignatureBytes / 2, nullptr);
  ECDSA_SIG_set0(signature.get(), r, s);  // owns them from here on
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

bool Signed(const IssuerKey& key, absl::string_view text, const std::string& raw) {
  if (key.alg == "ES256" && raw.size() != kEcSignatureBytes) return false;
  const std::string signature = key.alg == "ES256" ? ToDer(raw) : raw;
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.key.get()) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  ERR_clear_error();
  return good;
}

// The key that signed `text`.
absl::StatusOr<const IssuerKey*> WhoSigned(const json& header, absl::string_view text, const std::string& signature,
                                           const KeySet& keys) {
  const std::string alg = TextOf(header, "alg");
  if (alg != "RS256" && alg != "ES256") {
    return RefuseJwt("TOKEN_ALGORITHM", "the token must be signed with RS256 or ES256: configure its issuer so");
  }
  if (header.contains("crit") || header.contains("b64")) {
    return RefuseJwt("TOKEN_ALGORITHM",
                     "the token needs an extension of JWS that is not supported: configure its issuer");
  }
  const bool named = header.contains("kid");
  const std::string kid = TextOf(header, "kid");
  bool found = false;
  for (const IssuerKey& key : keys.keys) {
    if (key.alg != alg || (named && key.kid != kid)) continue;
    found = true;
    if (Signed(key, text, signature)) return &key;
  }
  if (!found) {
    return RefuseJwt(
        "TOKEN_KEY_UNKNOWN",
        "the key that the token names (`kid`) is none of the issuer's keys here: log in again, or give the "
        "server the issuer's present keys (setting jwt.keys)");
  }
  return RefuseJwt("TOKEN_SIGNATURE", "the token's signature is not of the issuer's key: log in again");
}

// Of a NumericDate; nothing: absent or no number.
std::optional<absl::Time> TimeOf(const json& claims, const char* name) {
  const auto it = claims.find(name);
  if (it == claims.end() || !it->is_number()) return std::nullopt;
  const double seconds = it->get<double>();
  if (!std::isfinite(seconds)) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(std::clamp(seconds, 0.0, 1e11));
}

absl::Status CheckTime(const json& claims, const JwtPolicy& policy, absl::Time now, absl::Time& expires) {
  const std::optional<absl::Time> until = TimeOf(claims, "exp");
  if (!until) return RefuseJwt("TOKEN_EXPIRED", "the token does not say until when it is valid (`exp`): log in again");
  expires = *until + policy.leeway;
  if (now >= expires) return RefuseJwt("TOKEN_EXPIRED", "the token has expired: log in again");
  if (!claims.contains("nbf")) return absl::OkStatus();
  const std::optional<absl::Time> from = TimeOf(claims, "nbf");
  if (from && now >= *from - policy.leeway) return absl::OkStatus();
  return RefuseJwt("TOKEN_NOT_YET_VALID",
                   "the token is not valid yet: check the clocks of the issuer and of this server");
}

// Parties and teams get into commits and answers.
bool IsPlain(const std::string& id) {
  return id.size() <= 128 && std::all_of(id.begin(), id.end(), [](unsigned char c) { return absl::ascii_isprint(c); });
}

absl::StatusOr<Identity> IdentityOf(const json& claims, const JwtPolicy& policy) {
  const auto text = [&](const std::string& name) {
    const json* claim = Claim(claims, name);
    return claim == nullptr ? std::string() : TextOf(*claim);
  };
  Identity identity{text(policy.person_claim), {}, text(policy.party_claim), text(policy.team_claim)};
  std::vector<std::string> values;
  if (const json* claim = Claim(claims, policy.role_claim); claim != nullptr && claim->is_array()) {
    for (const json& value : *claim) values.push_back(TextOf(value));
  } else if (claim != nullptr) {
    values = absl::StrSplit(TextOf(*claim), ' ');
  }
  for (const std::string& value : values) {
    std::optional<Role> role;
    if (policy.roles.empty()) {
      role = ParseRole(value);
    } else if (const auto it = policy.roles.find(value); it != policy.roles.end()) {
      role = it->second;
    }
    if (role) identity.roles.push_back(*role);
  }
  auto& roles = identity.roles;
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  const bool partner = std::find(roles.begin(), roles.end(), common::v1::ROLE_PARTNER) != roles.end();
  if (!partner) identity.party.clear();
  absl::Status status = CheckIdentity(identity);
  if (!IsPlain(identity.party) || !IsPlain(identity.team)) {
    status.Update(absl::InvalidArgumentError("a party or team is at most 128 printable ASCII characters"));
  }
  if (!status.ok()) {
    return RefuseJwt("TOKEN_CLAIMS",
                     absl::StrCat("the token's claims name nobody who may call (", status.message(), "): the claims `",
                                  policy.person_claim, "`, `", policy.role_claim, "` and `", policy.party_claim,
                                  "` count, as the settings of jwt say"));
  }
  return identity;
}

}  // namespace

bool LooksLikeJwt(std::string_view token) {
  return std::count(token.begin(), token.end(), '.') == 2 && !absl::StartsWith(Abseil(token), "tl_");
}

absl::StatusOr<Verified> VerifyJwt(std::string_view token, const KeySet& keys, const JwtPolicy& policy,
                                   absl::Time now) {
  if (token.size() > JwtPolicy::kMaxBytes) {
    return RefuseJwt("TOKEN_TOO_LONG", absl::StrCat("the token has ", token.size(), " bytes, at most ",
                                                    JwtPolicy::kMaxBytes, " are taken: leave claims out"));
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(Abseil(token), '.');
  if (parts.size() != 3) return NoJwt();
  const std::optional<json> header = ParseObject(parts[0]), claims = ParseObject(parts[1]);
  const std::optional<std::string> signature = DecodePart(parts[2]);
  if (!header || !claims || !signature) return NoJwt();
  const absl::string_view text = Abseil(token).substr(0, parts[0].size() + 1 + parts[1].size());
  const absl::StatusOr<const IssuerKey*> key = WhoSigned(*header, text, *signature, keys);
  if (!key.ok()) return key.status();
  if (TextOf(*claims, "iss") != policy.issuer) {
    return RefuseJwt("TOKEN_ISSUER", absl::StrCat("the token is not of the issuer ", policy.issuer, ": log in there"));
  }
  const auto audience = claims->find("aud");
  if (audience == claims->end() || !NamesAudience(*audience, policy.audience)) {
    return RefuseJwt("TOKEN_AUDIENCE", absl::StrCat("the token is for another service: ask the issuer for one with the "
                                                    "audience ",
                                                    policy.audience));
  }
  Verified verified;
  if (absl::Status status = CheckTime(*claims, policy, now, verified.expires); !status.ok()) return status;
  absl::StatusOr<Identity> identity = IdentityOf(*claims, policy);
  if (!identity.ok()) return identity.status();
  verified.identity = std::make_shared<const Identity>(*std::move(identity));
  verified.signed_by = (*key)->identity;
  return verified;
}

absl::StatusOr<std::map<std::string, Role>> ParseRoleMap(std::string_view text) {
  std::map<std::string, Role> roles;
  for (const absl::string_view entry : absl::StrSplit(Abseil(text), ',', absl::SkipWhitespace())) {
    const std::vector<std::string> sides = absl::StrSplit(absl::StripAsciiWhitespace(entry), '=');
    const std::optional<Role> role = sides.size() == 2 ? ParseRole(sides[1]) : std::nullopt;
    if (!role || sides[0].empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("`", entry, "` is not VALUE=ROLE with one of rep, supervisor, partner, service, reader, admin"));
    }
    roles[sides[0]] = *role;
  }
  return roles;
}

}  // namespace throughline::identity
