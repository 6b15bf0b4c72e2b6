#pragma once

// When each token of a file was used last, by any server: `<file>.uses`, beside the file, one line per token,
//
//   <64 hex digits of the token's SHA-256> 2024-05-01T12:00:00Z
//
// Servers add what they saw, about once a minute and when they stop. Where the directory of the file cannot be written,
// as with a mounted secret, a server keeps it elsewhere. Any thread, any process.

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace throughline::identity {

using TokenUses = std::map<std::string, absl::Time>;  // by the token's SHA-256, 32 bytes

std::string TokenUsesPath(const std::string& tokens_path);

// An absent or damaged line says nothing.
TokenUses ReadTokenUses(const std::string& path);

// Puts the later time of each token into the file.
absl::Status AddTokenUses(const std::string& path, const TokenUses& uses);

}  // namespace throughline::identity
