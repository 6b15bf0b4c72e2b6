#include "libs/identity/key_set.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "libs/crypto/sha256.h"
#include "libs/files/whole_file.h"

namespace throughline::identity {
namespace {

using nlohmann::json;
using Number = std::unique_ptr<BIGNUM, void (*)(BIGNUM*)>;

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;  // what a verification costs grows with the square
constexpr size_t kCoordinateBytes = 32;

std::string MemberText(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

std::string MemberBytes(const json& object, const char* name) {
  std::string bytes;
  return absl::WebSafeBase64Unescape(MemberText(object, name), &bytes) ? bytes : "";
}

Number NumberOf(const std::string& bytes) {
  return {BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr),
          &BN_free};
}

// Null: OpenSSL takes no such key.
std::shared_ptr<EVP_PKEY> BuildKey(const char* type, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, void (*)(OSSL_PARAM*)> params(OSSL_PARAM_BLD_to_param(builder), &OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  std::shared_ptr<EVP_PKEY> built(key, &EVP_PKEY_free);
  const std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)> check(EVP_PKEY_CTX_new(key, nullptr),
                                                                     &EVP_PKEY_CTX_free);
  return check != nullptr && EVP_PKEY_public_check(check.get()) == 1 ? built : nullptr;
}

std::shared_ptr<EVP_PKEY> RsaKey(const json& jwk) {
  const Number n = NumberOf(MemberBytes(jwk, "n")), e = NumberOf(MemberBytes(jwk, "e"));
  const std::unique_ptr<OSSL_PARAM_BLD, void (*)(OSSL_PARAM_BLD*)> builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  if (BN_num_bits(n.get()) < kLeastRsaBits || BN_num_bits(n.get()) > kMostRsaBits || BN_is_zero(e.get()) ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return BuildKey("RSA", builder.get());
}

std::shared_ptr<EVP_PKEY> EcKey(const json& jwk) {
  const std::string x = MemberBytes(jwk, "x"), y = MemberBytes(jwk, "y");
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return nullptr;
  const std::string point = absl::StrCat("\x04", x, y);  // uncompressed
  const std::unique_ptr<OSSL_PARAM_BLD, void (*)(OSSL_PARAM_BLD*)> builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  return BuildKey("EC", builder.get());
}

std::string Fingerprint(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return "";
  std::string digest = crypto::Sha256({reinterpret_cast<const char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return digest;
}

absl::Status BadKeySet(const std::string& path, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(path, ": ", what));
}

// Nothing: the key is for something else.
absl::StatusOr<std::optional<IssuerKey>> ParseKey(const std::string& path, const json& jwk) {
  if (!jwk.is_object()) return BadKeySet(path, "`keys` holds something that is not a key");
  if (jwk.contains("d") || jwk.contains("k")) {
    return BadKeySet(
        path, "a key is secret: only public keys of the issuer belong here, and that one is known to others now");
  }
  const std::string kty = MemberText(jwk, "kty"), use = MemberText(jwk, "use"), alg = MemberText(jwk, "alg");
  const bool rsa = kty == "RSA";
  if ((!rsa && !(kty == "EC" && MemberText(jwk, "crv") == "P-256")) || (!use.empty() && use != "sig"))
    return std::nullopt;
  IssuerKey key{.kid = MemberText(jwk, "kid"), .alg = rsa ? "RS256" : "ES256"};
  if (!alg.empty() && alg != key.alg) return std::nullopt;
  key.key = rsa ? RsaKey(jwk) : EcKey(jwk);
  if (key.key == nullptr) {
    return BadKeySet(path, absl::StrCat("the key `", key.kid, "` is no usable ", kty, " key (RSA: 2048 to 8192 bits)"));
  }
  key.identity = Fingerprint(key.key.get());
  return key;
}

absl::Status AddFile(const std::string& path, KeySet& set) try {
  const std::optional<std::string> content = files::ReadFile(path);
  if (!content) return absl::NotFoundError(absl::StrCat("cannot read the issuer's keys in ", path));
  const json document = json::parse(*content);
  for (const json& jwk : document.at("keys")) {
    absl::StatusOr<std::optional<IssuerKey>> key = ParseKey(path, jwk);
    if (!key.ok()) return key.status();
    if (!key->has_value()) continue;
    const auto same = [&](const IssuerKey& other) { return other.kid == (*key)->kid && other.alg == (*key)->alg; };
    const auto known = std::find_if(set.keys.begin(), set.keys.end(), same);
    if (known == set.keys.end()) {
      set.keys.push_back(**std::move(key));
    } else if (known->identity != (*key)->identity) {
      return BadKeySet(path, absl::StrCat("two keys have the `kid` \"", known->kid, "\": give each its own"));
    }
  }
  return absl::OkStatus();
} catch (const json::exception&) {  // its message quotes the file
  return BadKeySet(path, "it is not a JSON Web Key Set");
}

}  // namespace

absl::StatusOr<KeySet> ReadKeySet(const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->path().extension() == ".json") files.push_back(entry->path().string());
    }
    if (error) return absl::NotFoundError(absl::StrCat("cannot read the directory ", path, ": ", error.message()));
    std::sort(files.begin(), files.end());
  } else {
    files.push_back(path);
  }
  KeySet set;
  for (const std::string& file : files) {
    if (absl::Status status = AddFile(file, set); !status.ok()) return status;
  }
  if (set.keys.empty()) return BadKeySet(path, "no key for RS256 or ES256 is in it");
  return set;
}

}  // namespace throughline::identity
