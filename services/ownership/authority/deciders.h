#pragma once

// Who decides about what is above somebody's authority, and by when. Reads rows; any thread.

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "libs/calendar/calendars.h"
#include "libs/runtime/domain/caller.h"
#include "libs/store/key_value.h"
#include "services/ownership/authority/policy.h"
#include "throughline/ownership/v1/person.pb.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::ownership {

// The supervisors above the person, the nearest first, without whoever asked. `last_resort`: see Above.
std::vector<std::string> DecidersAbove(const store::KeyValue& reader, const std::string& person,
                                       const std::string& asked_by, absl::Time now, const std::string& last_resort);

// The person's profile; of one who is not known yet, what their credential says.
v1::PersonProfile ProfileOf(const store::KeyValue& reader, const runtime::Caller& caller);

// Whether the company made a mistake in the case, or in one that goes on as it.
bool HasMistake(const store::KeyValue& reader, const v1::OwnershipView& view);

// When that period from now ends by the policy's calendar.
absl::Time DueWithin(const std::string& words, const AuthorityPolicy& policy, const calendar::Calendars& calendars,
                     absl::Time now);

}  // namespace throughline::ownership
