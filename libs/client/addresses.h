#pragma once

// Where the services answer, as a user writes it:
//
//   host:7070                                   all services, at one address
//   a:7070,b:7070                               all services, in two replicas
//   intake=a:7071,b:7071,ownership=a:7072       each its own; a service's replicas follow its name
//
// Pure functions; safe from any thread.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace throughline::client {

struct Addresses {
  std::vector<std::string> all = {};                           // of services that are not named
  std::map<std::string, std::vector<std::string>> named = {};  // by `intake`, `ownership`, ...

  // Of one service; empty: nobody said.
  const std::vector<std::string>& Of(const std::string& service) const {
    const auto found = named.find(service);
    return found == named.end() ? all : found->second;
  }
};

// INVALID_ARGUMENT: it cannot be read, or names a service that does not exist.
absl::StatusOr<Addresses> ParseAddresses(const std::string& text);

}  // namespace throughline::client
