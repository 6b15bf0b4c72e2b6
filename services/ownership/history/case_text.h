#pragma once

// What happened to a case, in a sentence: for the case's history and for the trace of its order.
//
//   TextOf(event, about)  // `promise kept: "call back": Called; the lamp comes on Friday`
//
// A commitment's words stand in the event that made it, so whoever keeps texts remembers what is owed
// (commitment_text.h).
//
// Pure functions; any thread.

#include <string>

#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

#include "throughline/intake/v1/case.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::ownership {

// Empty if the event repeats what another says.
std::string TextOf(const intake::v1::CaseEvent& event);
// `about`: the commitment that the event is about, as it was made (CommitmentsIn); empty if it is about none, or if it
// is not known.
std::string TextOf(const v1::OwnershipEvent& event, const v1::Commitment& about);

// The name of the event, of a message with exactly one field of its `oneof` set: `CaseClosed`.
std::string KindOf(const google::protobuf::Message& event);

// In UTC, to the minute.
std::string TimeText(const google::protobuf::Timestamp& time);

}  // namespace throughline::ownership
