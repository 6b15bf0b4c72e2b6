#pragma once

// The rules of a case. It has an owner from its first event. Interactions are kept word for word. The customer's third
// interaction raises repeated contact, once. The case is linked to each notice about its component once.
//
// Pure functions; any thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/state.pb.h"

namespace throughline::intake {

// The owner of a new case and why they were chosen.
struct FirstOwner {
  std::string person;
  v1::AssignmentReason reason = v1::ASSIGNMENT_REASON_UNSPECIFIED;
};

// Possible owners of a case that nobody took, in the order of preference.
struct Candidates {
  std::optional<std::string> rep = std::nullopt;  // available, chosen by the policy
  v1::AssignmentReason rep_reason = v1::ASSIGNMENT_REASON_LEAST_LOAD;
  std::optional<std::string> supervisor_on_duty = std::nullopt;
  std::string fallback = "";  // the configured person, if they may own
};

struct OpenCase {
  v1::OpenCaseRequest request;
  std::string case_id;
  Candidates candidates;
  absl::Status taker;                   // whether the rep or supervisor who takes the case may own: PERSON_DEACTIVATED
  std::vector<std::string> notice_ids;  // active notices about the component
  // Counts the command in the rep's load while it is in flight.
  std::shared_ptr<const void> reservation = nullptr;
};

// Given by the LinkNotices reactor.
struct LinkNotice {
  v1::CaseLinkedToNotice request;
};

// The stream `case/<case_id>`.
struct Case {
  static constexpr char kKind[] = "case";
  static constexpr uint32_t kRepeatedContact = 3;
  using State = v1::CaseState;
  using Event = v1::CaseEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // The rep or supervisor who calls, unless the channel is PROACTIVE; else the first candidate; else none.
  static std::optional<FirstOwner> FirstOwnerOf(v1::Channel channel, const Candidates& candidates,
                                                const runtime::Caller& caller);

  // FAILED_PRECONDITION NO_OWNER. No events if the case exists: two alarms can lead to the same case.
  static Decision Decide(const State& state, const OpenCase& command, const runtime::Caller& caller);
  // NOT_FOUND CASE_UNKNOWN.
  static Decision Decide(const State& state, const v1::RecordInteractionRequest& command,
                         const runtime::Caller& caller);
  static Decision Decide(const State& state, const LinkNotice& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

// NOT_FOUND CASE_UNKNOWN.
absl::Status CaseUnknown(const std::string& case_id);

}  // namespace throughline::intake
