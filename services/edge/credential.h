#pragma once

// The edge's own credential, for what it does in its own name: carriers' pushes, and customers' pages. A file with a
// bearer token, read again when it changes.
//
//   auto credential = Credential::Read("/var/lib/throughline/credentials/edge.token");
//   metadata.emplace_back("authorization", (*credential)->Bearer());
//
// Any thread.

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "libs/files/reloaded.h"

namespace throughline::edge {

class Credential {
 public:
  // INVALID_ARGUMENT, with what to do: the file cannot be read, or holds no token.
  static absl::StatusOr<std::unique_ptr<Credential>> Read(const std::string& path);

  // The value of `authorization`.
  std::string Bearer() const { return "Bearer " + *token_->Get(); }

 private:
  explicit Credential(std::unique_ptr<files::Reloaded<std::string>> token) : token_(std::move(token)) {}

  const std::unique_ptr<files::Reloaded<std::string>> token_;
};

}  // namespace throughline::edge
