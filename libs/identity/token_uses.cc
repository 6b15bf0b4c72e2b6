#include "libs/identity/token_uses.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/files/whole_file.h"
#include "libs/identity/token_file.h"

namespace throughline::identity {

std::string TokenUsesPath(const std::string& tokens_path) { return tokens_path + ".uses"; }

TokenUses ReadTokenUses(const std::string& path) {
  TokenUses uses;
  std::istringstream lines(files::ReadFile(path).value_or(""));
  for (std::string digest, time; lines >> digest >> time;) {
    absl::Time at;
    std::string error;
    if (digest.size() == 64 && absl::ParseTime(absl::RFC3339_full, time, &at, &error)) {
      uses[absl::HexStringToBytes(digest)] = at;
    }
  }
  return uses;
}

absl::Status AddTokenUses(const std::string& path, const TokenUses& uses) {
  if (uses.empty()) return absl::OkStatus();
  return WithTokenFileLock(path, [&]() -> absl::Status {
    TokenUses all = ReadTokenUses(path);
    for (const auto& [digest, at] : uses) {
      const auto [it, added] = all.emplace(digest, at);
      if (!added) it->second = std::max(it->second, at);
    }
    std::string content;
    for (const auto& [digest, at] : all) {
      absl::StrAppend(&content, absl::BytesToHexString(digest), " ",
                      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", at, absl::UTCTimeZone()), "\n");
    }
    const std::error_code error = files::ReplaceFile(path, content, 0600);
    return error ? absl::ErrnoToStatus(error.value(), absl::StrCat("cannot write ", path)) : absl::OkStatus();
  });
}

}  // namespace throughline::identity
