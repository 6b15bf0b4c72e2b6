#pragma once

// Who gives a command, and what came with it. Built once, at the edge, from the credential and the call; domain code
// reads it and never a clock.

#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/time/time.h"

#include "throughline/common/v1/access.pb.h"

namespace throughline::runtime {

using Role = common::v1::Role;

struct Caller {
  std::string id;           // the authenticated name
  std::vector<Role> roles;  // ascending
  std::string party;        // a partner's carrier or vendor id; otherwise empty
  std::string team;         // of a rep or supervisor; may be empty
  std::string command_id;   // never empty when a command is decided
  absl::Time time;          // when the command was made
  std::string correlation_id;
  std::string causation_id;
  // W3C Trace Context, see libs/tracing/trace_context.h: the span in which the command is given. Empty: no trace.
  std::string traceparent;
  std::string tracestate;

  bool Is(Role role) const { return absl::c_linear_search(roles, role); }
};

}  // namespace throughline::runtime
