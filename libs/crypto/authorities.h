#pragma once

// Authorities that certificates of servers may be of: a PEM file that is read again when it changes.
//
//   auto authorities = FollowAuthorities("/etc/throughline/secrets/ca.pem");
//   const std::string pem = *(*authorities)->Get();
//
// A change that holds no certificate changes nothing, and is logged. Connections are made with what the file held then:
// who must not go on with an authority that was removed connects anew when `generation` changes. Any thread.

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "libs/files/reloaded.h"

namespace throughline::crypto {

using Authorities = files::Reloaded<std::string>;  // PEM

// INVALID_ARGUMENT, which names the path: it cannot be read, or a certificate in it, or there is none.
absl::StatusOr<std::shared_ptr<const Authorities>> FollowAuthorities(const std::string& path);

}  // namespace throughline::crypto
