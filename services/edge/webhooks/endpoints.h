#pragma once

// Where carriers and aggregators push to, as a TOML file says (README.md, "Webhooks"):
//
//   [[endpoint]]
//   carrier = "easypost"                             # POST /webhooks/easypost/k3JqbPd7
//   id = "k3JqbPd7"
//   format = "easypost-webhook"                      # services/supplier-tracking/carriers/README.md
//   scheme = "easypost"                              # carriers/signatures
//   secrets = ["easypost.secret", "easypost.old"]    # files beside this one; two while the secret is exchanged
//
// Pure but for the reading; any thread.

#include <map>
#include <string>

#include "absl/status/statusor.h"

#include "services/supplier-tracking/carriers/signatures/signatures.h"

namespace throughline::edge {

struct Endpoint {
  std::string carrier;
  std::string format;
  std::string scheme;
  supplier::PushKeys keys;
  std::string user_agent;  // how the source's User-Agent begins; empty: any
  std::string challenge;   // the query parameter whose value a GET gets back; empty: the source asks for nothing
};

using Endpoints = std::map<std::string, Endpoint, std::less<>>;  // by path

// INVALID_ARGUMENT, with all that is wrong and the lines: `path` is not such a file. Repeats nothing of a secret.
absl::StatusOr<Endpoints> ReadEndpoints(const std::string& path);

}  // namespace throughline::edge
