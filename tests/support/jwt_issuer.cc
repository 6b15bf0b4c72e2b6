#include "tests/support/jwt_issuer.h"

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace throughline::testing {
namespace {

using nlohmann::json;

std::string Encode(const std::string& bytes) { return absl::WebSafeBase64Escape(bytes); }

std::string NumberOf(EVP_PKEY* key, const char* name, int bytes) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) std::abort();
  std::string text(static_cast<size_t>(bytes == 0 ? BN_num_bytes(number) : bytes), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(text.size()));
  BN_free(number);
  return text;
}

// r and s one after the other.
std::string FromDer(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string raw(64, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + 32, 32);
  ECDSA_SIG_free(signature);
  return raw;
}

}  // namespace

JwtIssuer JwtIssuer::Rsa(std::string kid, int bits) {
  return {std::move(kid), "RS256", {EVP_RSA_gen(static_cast<unsigned>(bits)), &EVP_PKEY_free}};
}

JwtIssuer JwtIssuer::Ec(std::string kid) { return {std::move(kid), "ES256", {EVP_EC_gen("P-256"), &EVP_PKEY_free}}; }

json JwtIssuer::Jwk() const {
  EVP_PKEY* key = key_.get();
  json jwk = {{"kid", kid_}, {"alg", alg_}, {"use", "sig"}};
  if (alg_ == "RS256") {
    jwk["kty"] = "RSA";
    jwk["n"] = Encode(NumberOf(key, OSSL_PKEY_PARAM_RSA_N, 0));
    jwk["e"] = Encode(NumberOf(key, OSSL_PKEY_PARAM_RSA_E, 0));
  } else {
    jwk["kty"] = "EC";
    jwk["crv"] = "P-256";
    jwk["x"] = Encode(NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, 32));
    jwk["y"] = Encode(NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32));
  }
  return jwk;
}

std::string JwtIssuer::Pem() const {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(out, key_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(out);
  return pem;
}

std::string JwtIssuer::SignAs(const json& header, const json& claims) const {
  const std::string text = Unsigned(header, claims);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get());
  EVP_DigestSign(context, nullptr, &size, bytes, text.size());
  std::string signature(size, '\0');
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size());
  signature.resize(size);
  EVP_MD_CTX_free(context);
  if (alg_ == "ES256") signature = FromDer(signature);
  return absl::StrCat(text, ".", Encode(signature));
}

std::string KeySetOf(const std::vector<JwtIssuer>& issuers) {
  json keys = json::array();
  for (const JwtIssuer& issuer : issuers) keys.push_back(issuer.Jwk());
  return json{{"keys", keys}}.dump();
}

std::string Unsigned(const json& header, const json& claims) {
  return absl::StrCat(Encode(header.dump()), ".", Encode(claims.dump()));
}

std::string SignedWithSecret(const json& header, const json& claims, const std::string& secret) {
  const std::string text = Unsigned(header, claims);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return absl::StrCat(text, ".", Encode({reinterpret_cast<char*>(digest), size}));
}

}  // namespace throughline::testing
