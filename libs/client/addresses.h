#pragma once

// The addresses of the services, as a user writes them:
//
//   host:7070                                   all services at one address
//   a:7070,b:7070                               all services, in two replicas
//   intake=a:7071,b:7071,ownership=a:7072       one service each; the replicas of a service follow its name
//
// Pure functions; safe from any thread.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace throughline::client {

struct Addresses {
  std::vector<std::string> all = {};                           // for services that are not in `named`
  std::map<std::string, std::vector<std::string>> named = {};  // by `intake`, `ownership`, ...

  // The addresses of one service; empty: none was given.
  const std::vector<std::string>& Of(const std::string& service) const {
    const auto found = named.find(service);
    return found == named.end() ? all : found->second;
  }
};

// INVALID_ARGUMENT: the text is malformed, or names an unknown service.
absl::StatusOr<Addresses> ParseAddresses(const std::string& text);

}  // namespace throughline::client
