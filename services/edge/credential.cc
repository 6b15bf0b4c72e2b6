#include "services/edge/credential.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/files/whole_file.h"

namespace throughline::edge {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  std::string token = files::ReadFile(path).value_or("");
  absl::StripAsciiWhitespace(&token);
  const bool printable =
      std::all_of(token.begin(), token.end(), [](unsigned char c) { return absl::ascii_isgraph(c); });
  if (!token.empty() && printable) return token;
  return absl::InvalidArgumentError(
      absl::StrCat("the file ", path,
                   " cannot be read, or holds no token: make one with `throughline token create edge --role service`"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Credential>> Credential::Read(const std::string& path) {
  auto token = files::Reloaded<std::string>::Load(
      {path}, [path] { return ReadToken(path); }, kLookEvery);
  if (!token.ok()) return token.status();
  return std::unique_ptr<Credential>(new Credential(*std::move(token)));
}

}  // namespace throughline::edge
