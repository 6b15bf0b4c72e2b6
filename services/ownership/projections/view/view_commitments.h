#pragma once

// What is owed in the view of a case: its commitments, and the answer for which the customer waits. All but
// FillPromises is for Evolve (view.h).
//
// Pure functions; any thread.

#include <functional>

#include "absl/time/time.h"

#include "throughline/ownership/v1/commitment.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::ownership {

// Each applies an event. A settled one is kept, its texts cut short, while it is among the last kSettledCommitments.
void Make(v1::OwnershipView& view, const v1::CommitmentMade& made, absl::Time time);
void Renegotiate(v1::OwnershipView& view, const v1::CommitmentRenegotiated& renegotiated);
void Settle(v1::OwnershipView& view, const v1::CommitmentSettled& settled, absl::Time time);
// What the customer said waits for an answer; what we told them ends that.
void Note(v1::OwnershipView& view, const v1::InteractionNoted& noted);

// What was broken is raised no more.
void Acknowledge(v1::OwnershipView& view, const std::function<bool(const v1::CommitmentView&)>& which);

// What was broken by then is known to whoever closed the case: reopening raises nothing old again. In histories from
// before there were commitments nothing else ends those that end with a case.
void EndWithCase(v1::OwnershipView& view, absl::Time time);
// Removes those that are open.
void DropOpen(v1::OwnershipView& view);

// Fills `promises` from `commitments`; done when a view is shown.
void FillPromises(v1::OwnershipView& view);

}  // namespace throughline::ownership
