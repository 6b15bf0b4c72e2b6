#pragma once

// The file of credentials: one JSON object per line,
//
//   {"name":"ana","roles":["rep"],"party":"","team":"care","sha256":"<64 hex digits>",
//    "created":"2024-05-01T12:00:00Z","expires":"2025-05-01T12:00:00Z","disabled":false}
//
// Without `expires` a token is in force until it is revoked.
//
// It holds only the SHA-256 of a token. A slow password hash would add nothing: a token has 256 random bits, so there
// is no dictionary to try.
//
// Any thread. WithTokenFileLock serializes the writers of one file, across processes.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/identity/identity.h"

namespace throughline::identity {

struct TokenRecord {
  Identity identity;
  std::string sha256;  // 32 bytes, of the token
  absl::Time created;
  bool disabled = false;
  absl::Time expires = absl::InfiniteFuture();
};

// NOT_FOUND: there is no such file. FAILED_PRECONDITION: other users may write it. DATA_LOSS, with the line: a line is
// not a record, or its identity fails CheckIdentity.
absl::StatusOr<std::vector<TokenRecord>> ReadTokenFile(const std::string& path);

// Changes with every change of the file. Empty: there is no file.
std::string TokenFileVersion(const std::string& path);

// Replaces the file as a whole (files::ReplaceFile). It keeps owner, group and mode, as far as this user may set them:
// whoever could read the file must be able to read a revocation. A new file has mode 0600.
absl::Status WriteTokenFile(const std::string& path, const std::vector<TokenRecord>& records);

// As a whole, with mode 0600.
absl::Status WritePrivateFile(const std::string& path, std::string_view content);

// Runs `change` while holding `<path>.lock`.
absl::Status WithTokenFileLock(const std::string& path, const std::function<absl::Status()>& change);

}  // namespace throughline::identity
