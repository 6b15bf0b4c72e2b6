#pragma once

// The file of credentials: one JSON object per line,
//
//   {"name":"ana","roles":["rep"],"party":"","team":"care","sha256":"<64 hex digits>",
//    "created":"2024-05-01T12:00:00Z","disabled":false}
//
// Only the SHA-256 of a token is kept. A slow password hash would add nothing: a token holds 256 random bits, so there
// is no dictionary to try.
//
// Functions; safe from any thread. Writers of one file are serialized by WithTokenFileLock, across processes.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/identity/identity.h"

namespace throughline::identity {

using Digest = std::array<uint8_t, 32>;

struct TokenRecord {
  Identity identity;
  Digest sha256;
  absl::Time created;
  bool disabled = false;
};

Digest Sha256(std::string_view text);

// NOT_FOUND: no such file. FAILED_PRECONDITION: others may write it. DATA_LOSS: a line is not a record, or
// not one of an identity (CheckIdentity); says which.
absl::StatusOr<std::vector<TokenRecord>> ReadTokenFile(const std::string& path);

// What the file looks like from outside: another after every change. Empty: there is none.
std::string TokenFileVersion(const std::string& path);

// Replaces the file as a whole; a reader sees the old or the new one, never a part. Owner, group and mode stay as they
// were, as far as this user may set them; a new file has mode 0600.
absl::Status WriteTokenFile(const std::string& path, const std::vector<TokenRecord>& records);

// Writes a file of mode 0600 that only its owner reads, through a temporary one.
absl::Status WritePrivateFile(const std::string& path, std::string_view content);

// Runs `change` while holding `<path>.lock`.
absl::Status WithTokenFileLock(const std::string& path, const std::function<absl::Status()>& change);

}  // namespace throughline::identity
