#pragma once

// What the rules of deciding about remedies (remedies.cc) and of placing them (remedy_orders.cc) share. For these only.
//
// Pure functions, except SettleAbout, which adds events to the draft; one thread.

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "services/ownership/domain/draft.h"
#include "throughline/common/v1/money.pb.h"
#include "throughline/ownership/v1/commitment.pb.h"
#include "throughline/ownership/v1/remedy.pb.h"
#include "throughline/ownership/v1/state.pb.h"

namespace throughline::ownership {

// What a person of ours reads: `a refund of 20.00 USD`.
std::string WordsOf(v1::RemedyKind kind, const common::v1::Money& amount);

// TOO_MANY_REMEDIES.
absl::Status RequireRoom(const v1::OwnershipState& state);
// ABOVE_AUTHORITY if the amount is more than the limit leaves for the case.
absl::Status RequireRoomInCase(const v1::OwnershipState& state, const common::v1::Money& amount,
                               const v1::RemedyLimits& limits);
// REMEDY_UNKNOWN.
absl::Status RemedyUnknown();
// OWN_REQUEST, or REMEDY_DECIDED.
absl::Status RequireDeciding(const v1::Remedy& remedy, const runtime::Caller& decider);

// The decisions that are owed about it end as kept, those past their due time as broken.
void SettleAbout(Draft& draft, const std::string& remedy_id, v1::CommitmentOutcome outcome, const std::string& evidence,
                 const std::string& by, absl::Time now);

}  // namespace throughline::ownership
