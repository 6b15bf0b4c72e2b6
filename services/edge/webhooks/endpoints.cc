#include "services/edge/webhooks/endpoints.h"

#include <algorithm>
#include <filesystem>
#include <toml++/toml.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/files/whole_file.h"

namespace throughline::edge {
namespace {

constexpr size_t kMostEndpoints = 1000;
constexpr size_t kMostNameBytes = 64;
constexpr size_t kLeastSecretBytes = 8;
constexpr size_t kMostSecretBytes = 64 << 10;  // a set of public keys is one, too

// What stands in a path without being encoded.
bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kMostNameBytes && text.front() != '.' &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.'; });
}

class Reader {
 public:
  explicit Reader(std::filesystem::path directory) : directory_(std::move(directory)) {}

  absl::StatusOr<Endpoints> Read(const toml::table& file) {
    Known(file, {"endpoint"});
    const toml::array* tables = file["endpoint"].as_array();
    if (tables == nullptr || !tables->is_array_of_tables()) {
      return absl::InvalidArgumentError("there is no endpoint: begin each with [[endpoint]]");
    }
    if (tables->size() > kMostEndpoints) {
      return absl::InvalidArgumentError(absl::StrCat("there are more than ", kMostEndpoints, " endpoints"));
    }
    for (const toml::node& one : *tables) ReadEndpoint(*one.as_table());
    if (!problems_.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    return std::move(endpoints_);
  }

 private:
  void Wrong(const toml::node& where, absl::string_view what) {
    problems_.push_back(absl::StrCat("line ", where.source().begin.line, ": ", what));
  }
  void Known(const toml::table& table, const std::vector<std::string>& known) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        Wrong(node, absl::StrCat("`", name, "` is none of ", absl::StrJoin(known, ", ")));
      }
    }
  }
  std::string TextOf(const toml::table& table, const char* key, bool needed) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      if (needed) Wrong(table, absl::StrCat("the endpoint needs `", key, "`"));
      return "";
    }
    if (const auto text = node->value<std::string>()) return *text;
    Wrong(*node, absl::StrCat("`", key, "` is a text in quotation marks"));
    return "";
  }
  std::string NameOf(const toml::table& table, const char* key) {
    std::string name = TextOf(table, key, true);
    if (!name.empty() && !IsName(name)) {
      Wrong(*table.get(key), absl::StrCat("`", key, "` is 1 to ", kMostNameBytes, " of `A-Z a-z 0-9 . _ -`"));
    }
    return name;
  }

  void ReadEndpoint(const toml::table& table) {
    Known(table, {"carrier", "id", "format", "scheme", "secrets", "header", "user-agent", "challenge"});
    Endpoint endpoint;
    endpoint.carrier = NameOf(table, "carrier");
    const std::string id = NameOf(table, "id");
    endpoint.format = NameOf(table, "format");
    endpoint.scheme = TextOf(table, "scheme", true);
    const std::vector<std::string_view> schemes = supplier::SignedSources();
    if (!endpoint.scheme.empty() &&
        std::find(schemes.begin(), schemes.end(), std::string_view(endpoint.scheme)) == schemes.end()) {
      Wrong(*table.get("scheme"),
            absl::StrCat("`scheme` is one of ",
                         absl::StrJoin(schemes, ", ", [](std::string* out, std::string_view s) { out->append(s); })));
    }
    endpoint.keys.header = TextOf(table, "header", endpoint.scheme == "dhl");
    endpoint.user_agent = TextOf(table, "user-agent", false);
    endpoint.challenge = TextOf(table, "challenge", false);
    ReadSecrets(table, endpoint);
    if (!endpoints_.emplace(absl::StrCat("/webhooks/", endpoint.carrier, "/", id), std::move(endpoint)).second) {
      Wrong(table, "another endpoint has the same carrier and id");
    }
  }

  void ReadSecrets(const toml::table& table, Endpoint& endpoint) {
    const toml::array* names = table["secrets"].as_array();
    if (names == nullptr || names->empty() || names->size() > supplier::kMaxLiveSecrets) {
      return Wrong(table, "the endpoint needs `secrets`: a list of one file, or of two while the secret is exchanged");
    }
    for (const toml::node& node : *names) {
      const auto name = node.value<std::string>();
      // Beside this file, so that a change of it is seen.
      if (!name || !IsName(*name)) {
        Wrong(node, "a secret is the name of a file beside this one");
        continue;
      }
      std::string secret = files::ReadFile(directory_ / *name).value_or("");
      absl::StripAsciiWhitespace(&secret);
      if (secret.size() < kLeastSecretBytes || secret.size() > kMostSecretBytes) {
        Wrong(node, absl::StrCat("the file ", *name, " cannot be read, or its secret has fewer than ",
                                 kLeastSecretBytes, " or more than ", kMostSecretBytes, " bytes"));
        continue;
      }
      endpoint.keys.secrets.push_back(std::move(secret));
    }
  }

  const std::filesystem::path directory_;
  Endpoints endpoints_;
  std::vector<std::string> problems_;
};

}  // namespace

absl::StatusOr<Endpoints> ReadEndpoints(const std::string& path) {
  const std::optional<std::string> content = files::ReadFile(path);
  if (!content) {
    return absl::InvalidArgumentError(absl::StrCat("the file of endpoints ", path, " cannot be read"));
  }
  absl::StatusOr<Endpoints> endpoints;
  try {
    endpoints = Reader(std::filesystem::path(path).parent_path()).Read(toml::parse(*content));
  } catch (const toml::parse_error& error) {
    endpoints = absl::InvalidArgumentError(
        absl::StrCat("line ", error.source().begin.line, ": ", std::string(error.description())));
  }
  if (endpoints.ok()) return endpoints;
  return absl::InvalidArgumentError(absl::StrCat("the file of endpoints ", path, ": ", endpoints.status().message()));
}

}  // namespace throughline::edge
