#pragma once

// What happened to a commitment: which event changes which commitment, and in words for TextOf (case_text.h).
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "throughline/ownership/v1/commitment.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::ownership {

// As TextOf, of an event of a commitment or a promise; empty for any other.
std::string CommitmentText(const v1::OwnershipEvent& event, const v1::Commitment& about);

// What an event does to a commitment. Events from before there were commitments speak of promises.
struct CommitmentChange {
  enum What { kMade, kMoved, kEnded };
  What what;
  v1::Commitment commitment;  // when made: all of it; otherwise its id, the kind if the event says it, the new due time
};
std::vector<CommitmentChange> CommitmentsIn(const v1::OwnershipEvent& event);

}  // namespace throughline::ownership
