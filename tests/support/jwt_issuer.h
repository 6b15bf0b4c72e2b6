#pragma once

// A token issuer for tests: keys, the set of its public keys, and JWTs with whatever header, claims and signature a
// test wants. One thread.
//
//   JwtIssuer issuer = JwtIssuer::Rsa("key-1");
//   std::string token = issuer.Sign({{"iss", "https://issuer.test"}, {"sub", "ana"}, ...});

#include <memory>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

struct evp_pkey_st;

namespace throughline::testing {

class JwtIssuer {
 public:
  static JwtIssuer Rsa(std::string kid, int bits = 2048);
  static JwtIssuer Ec(std::string kid);

  const std::string& alg() const { return alg_; }
  // The public key as a JWK.
  nlohmann::json Jwk() const;
  // As a PEM file.
  std::string Pem() const;

  std::string Sign(const nlohmann::json& claims) const { return SignAs({{"alg", alg_}, {"kid", kid_}}, claims); }
  // With this header, and a signature of this key.
  std::string SignAs(const nlohmann::json& header, const nlohmann::json& claims) const;

 private:
  JwtIssuer(std::string kid, std::string alg, std::shared_ptr<evp_pkey_st> key)
      : kid_(std::move(kid)), alg_(std::move(alg)), key_(std::move(key)) {}

  std::string kid_;
  std::string alg_;
  std::shared_ptr<evp_pkey_st> key_;
};

// `{"keys": [...]}`.
std::string KeySetOf(const std::vector<JwtIssuer>& issuers);

// Header and claims as a JWT has them, before its signature; and with one that was made with this secret (HS256).
std::string Unsigned(const nlohmann::json& header, const nlohmann::json& claims);
std::string SignedWithSecret(const nlohmann::json& header, const nlohmann::json& claims, const std::string& secret);

}  // namespace throughline::testing
