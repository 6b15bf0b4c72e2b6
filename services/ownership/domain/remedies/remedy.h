#pragma once

// What the rules and the views know of remedies: how they follow from the events, and who may grant how much.
//
//   ApplyToRemedies(event, *state.mutable_remedies(), *state.mutable_granted());
//
// Pure functions; any thread.

#include <string>

#include "absl/status/status.h"

#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/remedy.pb.h"

namespace throughline::ownership {

using Remedies = google::protobuf::RepeatedPtrField<v1::Remedy>;
// One for each currency.
using Amounts = google::protobuf::RepeatedPtrField<common::v1::Money>;

// A case has at most so many remedies that are not final, and remembers so many in all.
inline constexpr int kMostRemedies = 100;

bool IsFinal(v1::RemedyStatus status);
// Whether it was granted and not given up, so that it counts against the limits.
bool IsGranted(v1::RemedyStatus status);
// Whether a paying system is to pay it, or is about to.
bool IsToBePaid(v1::RemedyStatus status);

// Null: there is none.
const v1::Remedy* FindRemedy(const Remedies& remedies, const std::string& remedy_id);

int64_t AmountIn(const Amounts& amounts, const std::string& currency);
// `sign` is 1 or -1.
void AddTo(Amounts& amounts, const common::v1::Money& amount, int sign);

// Evolve, of the state and of the view alike.
void ApplyToRemedies(const v1::OwnershipEvent& event, Remedies& remedies, Amounts& granted);

// FAILED_PRECONDITION ABOVE_AUTHORITY with the metadata `limit`, `left` and `currency`. `limit`: `case`, `period` or
// `customer`.
absl::Status AboveAuthority(const std::string& limit, const common::v1::Money& left);

// What is left of `limit` when so much is used; never less than zero.
int64_t LeftOf(const common::v1::Money& limit, int64_t used);

// The refusal that the event records.
absl::Status RefusalOf(const v1::RemedyRefused& refused);

}  // namespace throughline::ownership
