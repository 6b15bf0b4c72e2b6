#pragma once

// The intake service: what the customer asked, on which channel, and what they were told. See README.md.
//
//   auto host = runtime::Host::Start(intake::Define(config), log, ...);
//   auto api = intake::MakeApi((*host)->streams(), config);

#include <memory>
#include <string>

#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/intake/domain/case.h"

namespace throughline::intake {

class MessageRules;

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
  // Which phrases push a problem away. Null: those that the program comes with.
  std::shared_ptr<const MessageRules> message_rules = nullptr;
};

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams` belongs to an engine with that definition and must outlive the api.
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

}  // namespace throughline::intake
