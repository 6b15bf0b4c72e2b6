#pragma once

// The commands about remedies on a case, with the facts that their rules need. See ownership.h.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "throughline/ownership/v1/authority.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/remedy_commands.pb.h"

namespace throughline::ownership {

// Puts on its case what authority was reserved for: a remedy that is granted, approved, or offered instead of another.
// The case's verdict is an event either way, so that whoever completes it, and however often, the verdict is one.
template <typename Request>
struct PlaceRemedy {
  Request request;
  v1::RemedyOrder order;
  v1::OwnershipStarted opening;
  // The customer's limit is used up, and so much is left.
  std::optional<common::v1::Money> denied = std::nullopt;
  // Before anything is reserved: refuses what the case would refuse now, and adds nothing.
  bool check_only = false;
};

struct RequestRemedy {
  v1::RequestRemedyRequest request;
  v1::OwnershipStarted opening;
  std::string approver;  // empty: no supervisor stands above the caller
  absl::Time due;        // of their decision
  bool mistake = false;  // the company made one in the case
};

}  // namespace throughline::ownership
