#include "services/supplier-tracking/carriers/signatures/public_keys.h"

#include "absl/strings/escaping.h"
#include "nlohmann/json.hpp"

namespace throughline::supplier {
namespace {

constexpr size_t kMaxBytes = size_t{256} << 10;

// A string member; empty if there is none.
std::string TextOf(const nlohmann::json& key, const char* name) {
  const auto member = key.find(name);
  return member != key.end() && member->is_string() ? member->get<std::string>() : std::string();
}

}  // namespace

std::optional<std::vector<PublicKey>> ReadKeySet(std::string_view json) {
  if (json.size() > kMaxBytes) return std::nullopt;
  const nlohmann::json set = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array()) return std::nullopt;
  std::vector<PublicKey> keys;
  for (const nlohmann::json& key : set["keys"]) {
    if (!key.is_object() || TextOf(key, "kty") != "RSA") continue;
    PublicKey read{TextOf(key, "kid"), "", ""};
    if (read.id.empty() || !absl::WebSafeBase64Unescape(TextOf(key, "n"), &read.modulus) ||
        !absl::WebSafeBase64Unescape(TextOf(key, "e"), &read.exponent)) {
      return std::nullopt;
    }
    keys.push_back(std::move(read));
  }
  if (keys.empty()) return std::nullopt;
  return keys;
}

}  // namespace throughline::supplier
