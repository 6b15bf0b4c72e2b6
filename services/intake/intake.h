#pragma once

// The intake service: what the customer asked, on which channel, and what they were told. See README.md.
//
//   auto host = runtime::Host::Start(intake::Define(config), log, ...);
//   auto api = intake::MakeApi((*host)->streams(), config);

#include <memory>
#include <string>

#include "libs/calendar/calendars.h"
#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/intake/domain/case.h"
#include "services/ownership/people/read_scope.h"
#include "throughline/intake/v1/improvement.pb.h"

namespace throughline::intake {

class MessageRules;
struct Routes;

// To which available rep a case goes that nobody took. Who speaks the customer's language and knows what the case needs
// comes first, with either.
enum class AssignmentPolicy {
  kLeastLoad,   // the one with the fewest open cases
  kRoundRobin,  // the one to whom no case was given for the longest time
};

struct Config {
  // Owns a case that nobody took while no rep is available and no supervisor is on duty. Empty: such a case is refused.
  std::string fallback_owner = "sam";
  AssignmentPolicy assignment_policy = AssignmentPolicy::kLeastLoad;
  // By when the customer hears from us next, unless the opening says so.
  absl::Duration next_update_within = kNextUpdateWithin;
  // The inbound interaction that raises repeated contact; the opening counts as the first.
  uint32_t repeated_contact = kRepeatedContact;
  // What a customer says on a case that was closed longer ago than this opens a new case that continues it. 0: it
  // always reopens the case itself.
  absl::Duration reopen_within = absl::ZeroDuration();
  // Which team answers what. Null: nothing is configured.
  std::shared_ptr<const Routes> departments = nullptr;
  // By when a suggestion is answered, unless its recording says so.
  absl::Duration suggestion_answer_within = absl::Hours(24 * 10);
  // So many cases about one component within so long open an improvement. 0: none is opened by itself.
  uint32_t recurrence_threshold = 20;
  absl::Duration recurrence_window = absl::Hours(24 * 7);
  // So many faults of one kind, of different orders, within so long open one, too. 0: none.
  uint32_t fault_threshold = 3;
  absl::Duration fault_window = absl::Hours(24 * 30);
  // By when a team answers with a change; for how long its effect is measured; and below which share of the rate at the
  // opening, in percent, the improvement ends.
  absl::Duration improvement_answer_within = absl::Hours(24 * 14);
  absl::Duration improvement_measured_for = absl::Hours(24 * 14);
  uint32_t improvement_closing_percent = 50;
  // What due times in words count by.
  calendar::Calendars calendars = {};
  // Which cases a rep may read.
  ownership::RepsRead reps_read = ownership::RepsRead::kAll;
  // Which phrases push a problem away. Null: those that the program comes with.
  std::shared_ptr<const MessageRules> message_rules = nullptr;
};

// What holds for an improvement that is opened now.
v1::RecurrencePolicy PolicyOf(const Config& config);

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams` belongs to an engine with that definition and must outlive the api.
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

}  // namespace throughline::intake
