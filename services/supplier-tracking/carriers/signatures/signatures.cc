#include "services/supplier-tracking/carriers/signatures/signatures.h"

#include <algorithm>
#include <optional>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/crypto/hmac.h"
#include "libs/crypto/rsa.h"
#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/carriers/signatures/public_keys.h"

namespace throughline::supplier {
namespace {

struct Scheme {
  enum class Kind {
    kCredential,        // the header, or the token, is the secret itself
    kBody,              // an HMAC of the body
    kTimeAndBody,       // `t=TIME,v1=HEX`, an HMAC of `TIME.BODY`
    kStandardWebhooks,  // standardwebhooks.com: an HMAC of `ID.TIME.BODY`
    kRsa,               // an RSA signature of `TIME.BODY`; the secrets are the source's JWK sets, which are public
  };
  enum class Code { kHex, kBase64, kEither };

  const char* source;
  Kind kind;
  const char* header;  // empty: the URL's token, or the name that the subscriber chose
  Code code = Code::kHex;
  const char* prefix = "";         // before the code
  bool compatible_secret = false;  // the secret is brought into Unicode's form NFKD
};

// Each after the source's public documentation.
constexpr Scheme kSchemes[] = {
    {"aftership", Scheme::Kind::kBody, "aftership-hmac-sha256", Scheme::Code::kBase64},
    {"dhl", Scheme::Kind::kCredential, ""},
    {"easypost", Scheme::Kind::kBody, "x-hmac-signature", Scheme::Code::kHex, "hmac-sha256-hex=", true},
    {"fedex", Scheme::Kind::kBody, "fdx-signature", Scheme::Code::kBase64},
    {"shipengine", Scheme::Kind::kRsa, "x-shipengine-rsa-sha256-signature", Scheme::Code::kBase64},
    {"shippo", Scheme::Kind::kTimeAndBody, "shippo-auth-signature"},
    {"shippo-token", Scheme::Kind::kCredential, ""},
    {"standard-webhooks", Scheme::Kind::kStandardWebhooks, "webhook-signature", Scheme::Code::kBase64},
    // Track Alert sends back the credential of the subscription; it signs nothing.
    {"ups", Scheme::Kind::kCredential, "credential"},
    // The documentation names the header and not the code.
    {"usps", Scheme::Kind::kBody, "x-hmac", Scheme::Code::kEither},
};

absl::Status Missing(std::string_view what) {
  return runtime::Refuse(absl::StatusCode::kUnauthenticated, "SIGNATURE_MISSING",
                         absl::StrCat("the push has no ", std::string(what), ", or has it twice"));
}

absl::Status Wrong() {
  return runtime::Refuse(absl::StatusCode::kUnauthenticated, "SIGNATURE_WRONG",
                         "the push is not signed with a secret of this endpoint");
}

absl::Status NotConfigured(absl::string_view reason, const std::string& what) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, reason, what);
}

// None if it is not there or is there twice: nobody can know which one is meant.
std::optional<std::string_view> HeaderOf(const Push& push, std::string_view name) {
  std::optional<std::string_view> found;
  for (const PushHeader& header : push.headers) {
    if (!absl::EqualsIgnoreCase(absl::string_view(header.name.data(), header.name.size()),
                                absl::string_view(name.data(), name.size()))) {
      continue;
    }
    if (found) return std::nullopt;
    found = header.value;
  }
  if (found && found->empty()) return std::nullopt;
  return found;
}

// 32 bytes, or none.
std::optional<std::string> Decoded(std::string_view text, Scheme::Code code) {
  std::string bytes;
  const absl::string_view view(text.data(), text.size());
  const bool hex = text.size() == 64 &&
                   std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
  if (code != Scheme::Code::kBase64 && hex) {
    bytes = absl::HexStringToBytes(view);
  } else if (code == Scheme::Code::kHex || !absl::Base64Unescape(view, &bytes)) {
    return std::nullopt;
  }
  return bytes.size() == 32 ? std::optional(bytes) : std::nullopt;
}

// Every secret is tried, so that the time tells nothing about which one fits.
bool SignedByAny(const std::vector<std::string>& secrets, const std::vector<std::string>& signatures,
                 std::string_view bytes) {
  bool fits = false;
  for (const std::string& secret : secrets) {
    const std::string expected = crypto::HmacSha256(secret, bytes);
    for (const std::string& signature : signatures) fits |= crypto::SameSecret(expected, signature);
  }
  return fits;
}

absl::Status CheckTime(absl::Time at, absl::Time now) {
  if (absl::AbsDuration(now - at) <= kSignedTimeWindow) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kUnauthenticated, "SIGNATURE_STALE",
                         "the push was signed more than five minutes ago, or ahead: check the clocks");
}

absl::Status CheckTime(std::string_view seconds, absl::Time now) {
  int64_t at = 0;
  const bool digits =
      !seconds.empty() && seconds.size() <= 12 &&
      std::all_of(seconds.begin(), seconds.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
  if (!digits || !absl::SimpleAtoi(absl::string_view(seconds.data(), seconds.size()), &at)) return Wrong();
  return CheckTime(absl::FromUnixSeconds(at), now);
}

absl::Status VerifyCredential(const Scheme& scheme, const PushKeys& keys, const Push& push) {
  const bool by_url = std::string_view(scheme.source) == "shippo-token";
  const std::string_view name = *scheme.header == 0 ? std::string_view(keys.header) : scheme.header;
  std::optional<std::string_view> given;
  if (by_url) {
    if (!push.token.empty()) given = push.token;
  } else if (name.empty()) {
    return NotConfigured("SECRET_MISSING", "name the header that the subscription was given for its key");
  } else {
    given = HeaderOf(push, name);
  }
  if (!given) return Missing(by_url ? std::string_view("token") : name);
  bool fits = false;
  for (const std::string& secret : keys.secrets) fits |= crypto::SameSecret(secret, *given);
  return fits ? absl::OkStatus() : Wrong();
}

absl::Status VerifyBody(const Scheme& scheme, const std::vector<std::string>& secrets, const Push& push) {
  std::optional<std::string_view> header = HeaderOf(push, scheme.header);
  if (!header) return Missing(scheme.header);
  const std::string_view prefix = scheme.prefix;
  if (header->substr(0, prefix.size()) != prefix) return Wrong();
  const std::optional<std::string> signature = Decoded(header->substr(prefix.size()), scheme.code);
  return signature && SignedByAny(secrets, {*signature}, push.body) ? absl::OkStatus() : Wrong();
}

absl::Status VerifyTimeAndBody(const Scheme& scheme, const std::vector<std::string>& secrets, const Push& push,
                               absl::Time now) {
  const std::optional<std::string_view> header = HeaderOf(push, scheme.header);
  if (!header) return Missing(scheme.header);
  std::optional<std::string> time;
  std::vector<std::string> signatures;
  for (const absl::string_view part : absl::StrSplit(absl::string_view(header->data(), header->size()), ',')) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(absl::StripAsciiWhitespace(part), absl::MaxSplits('=', 1));
    if (field.first == "t") {
      if (time) return Wrong();
      time = std::string(field.second);
    } else if (field.first == "v1") {
      if (auto signature = Decoded({field.second.data(), field.second.size()}, scheme.code)) {
        signatures.push_back(*std::move(signature));
      }
    }
  }
  if (!time || signatures.empty() || signatures.size() > kMaxLiveSecrets) return Wrong();
  // First whether it is genuine: to a stranger nothing is said about time.
  if (!SignedByAny(secrets, signatures,
                   absl::StrCat(*time, ".", absl::string_view(push.body.data(), push.body.size())))) {
    return Wrong();
  }
  return CheckTime(*time, now);
}

absl::Status VerifyStandardWebhooks(const std::vector<std::string>& secrets, const Push& push, absl::Time now) {
  const auto id = HeaderOf(push, "webhook-id"), time = HeaderOf(push, "webhook-timestamp"),
             header = HeaderOf(push, "webhook-signature");
  for (const auto& [name, value] :
       {std::pair("webhook-id", id), std::pair("webhook-timestamp", time), std::pair("webhook-signature", header)}) {
    if (!value) return Missing(name);
  }
  std::vector<std::string> signatures;
  for (const absl::string_view part : absl::StrSplit(absl::string_view(header->data(), header->size()), ' ')) {
    if (!absl::StartsWith(part, "v1,")) continue;  // v1a is a public key's
    const absl::string_view code = part.substr(3);
    if (auto signature = Decoded({code.data(), code.size()}, Scheme::Code::kBase64)) {
      signatures.push_back(*std::move(signature));
    }
  }
  if (signatures.empty() || signatures.size() > 16) return Wrong();
  std::vector<std::string> keys;
  for (const std::string& secret : secrets) {
    std::string key;
    const absl::string_view code = absl::StripPrefix(absl::string_view(secret), "whsec_");
    if (!absl::Base64Unescape(code, &key) || key.empty()) {
      return NotConfigured("SECRET_MISSING", "a secret of this endpoint is not `whsec_` and base64");
    }
    keys.push_back(std::move(key));
  }
  std::string bytes;
  for (const std::string_view part : {*id, std::string_view("."), *time, std::string_view("."), push.body}) {
    bytes.append(part);
  }
  if (!SignedByAny(keys, signatures, bytes)) return Wrong();
  return CheckTime(*time, now);
}

// ShipEngine: the key of this id, of whichever set has it; the time is as in RFC 3339.
absl::Status VerifyRsa(const Scheme& scheme, const std::vector<std::string>& sets, const Push& push, absl::Time now) {
  constexpr char kKeyId[] = "x-shipengine-rsa-sha256-key-id", kTime[] = "x-shipengine-timestamp";
  const auto id = HeaderOf(push, kKeyId), time = HeaderOf(push, kTime), header = HeaderOf(push, scheme.header);
  for (const auto& [name, value] : {std::pair(kKeyId, id), std::pair(kTime, time), std::pair(scheme.header, header)}) {
    if (!value) return Missing(name);
  }
  const absl::string_view text(time->data(), time->size());
  const std::string bytes = absl::StrCat(text, ".", absl::string_view(push.body.data(), push.body.size()));
  std::string signature;
  const bool readable = absl::Base64Unescape({header->data(), header->size()}, &signature);
  bool fits = false;
  for (const std::string& set : sets) {
    const auto keys = ReadKeySet(set);
    if (!keys) return NotConfigured("SECRET_MISSING", "a secret of this endpoint is no JWK set with an RSA key");
    for (const PublicKey& key : *keys) {
      fits |= readable && key.id == *id && crypto::HasRsaSignature({key.modulus, key.exponent}, bytes, signature);
    }
  }
  absl::Time at;
  if (!fits || !absl::ParseTime(absl::RFC3339_full, text, &at, nullptr)) return Wrong();
  return CheckTime(at, now);
}

// In Unicode's form NFKD, as EasyPost's client libraries make it.
std::string Compatible(const std::string& secret) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKDInstance(error);
  if (U_FAILURE(error) != 0) return secret;
  const icu::UnicodeString normal = form->normalize(icu::UnicodeString::fromUTF8(secret), error);
  if (U_FAILURE(error) != 0) return secret;
  std::string utf8;
  normal.toUTF8String(utf8);
  return utf8;
}

}  // namespace

std::vector<std::string_view> SignedSources() {
  std::vector<std::string_view> sources;
  for (const Scheme& scheme : kSchemes) sources.emplace_back(scheme.source);
  return sources;
}

absl::Status VerifyPush(std::string_view source, const PushKeys& keys, const Push& push, absl::Time now) {
  const auto* scheme =
      std::find_if(std::begin(kSchemes), std::end(kSchemes), [&](const Scheme& one) { return one.source == source; });
  if (scheme == std::end(kSchemes)) {
    return NotConfigured("SOURCE_UNKNOWN", absl::StrCat("nothing is known of how `", std::string(source), "` signs"));
  }
  const bool empty = std::any_of(keys.secrets.begin(), keys.secrets.end(), [](const auto& s) { return s.empty(); });
  if (keys.secrets.empty() || keys.secrets.size() > kMaxLiveSecrets || empty) {
    return NotConfigured("SECRET_MISSING", "the endpoint needs one secret, or two while the secret is exchanged");
  }
  std::vector<std::string> secrets = keys.secrets;
  if (scheme->compatible_secret) std::transform(secrets.begin(), secrets.end(), secrets.begin(), Compatible);
  switch (scheme->kind) {
    case Scheme::Kind::kCredential:
      return VerifyCredential(*scheme, keys, push);
    case Scheme::Kind::kBody:
      return VerifyBody(*scheme, secrets, push);
    case Scheme::Kind::kTimeAndBody:
      return VerifyTimeAndBody(*scheme, secrets, push, now);
    case Scheme::Kind::kStandardWebhooks:
      return VerifyStandardWebhooks(secrets, push, now);
    case Scheme::Kind::kRsa:
      return VerifyRsa(*scheme, secrets, push, now);
  }
  return Wrong();
}

}  // namespace throughline::supplier
