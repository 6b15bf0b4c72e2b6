#pragma once

// A due time that a request gives as a time or in words: as `due`, or as `due_in`, which counts by `calendar`. What
// words mean is found by a calendar outside of the rules, once, and comes with the command (libs/service/due.h).
//
//   struct MakePromise { v1::MakePromiseRequest request; Meant meant; };
//   const auto due = RequireDue(bad, {"due", request.has_due(), request.due(), request.due_in()}, command.meant, now);
//
// Pure functions; safe from any thread.

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {

// The time that the words mean; InfinitePast where there are none. A refusal's message says what is wrong with them,
// or, if it is NOT_FOUND, with the calendar.
using Meant = absl::StatusOr<absl::Time>;

// Borrows from the request.
struct GivenDue {
  absl::string_view field;  // `new_due`; its words are in `new_due_in`
  bool has_time = false;
  const google::protobuf::Timestamp& time;
  const std::string& words;

  bool given() const { return has_time || !words.empty(); }
};

// The due time, to the microsecond. Adds a violation if it is given twice, has passed, or cannot be understood. Nothing
// given: zero, and no violation.
google::protobuf::Timestamp ReadDue(FieldViolations& bad, const GivenDue& due, const Meant& meant, absl::Time now);
// The same where one must be given.
google::protobuf::Timestamp RequireDue(FieldViolations& bad, const GivenDue& due, const Meant& meant, absl::Time now);

}  // namespace throughline::runtime
