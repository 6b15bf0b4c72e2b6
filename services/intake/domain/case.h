#pragma once

// The rules of a case: it has an owner from its first event; what is said is kept word for word; a customer who has to
// come back a third time raises repeated contact; it is linked to each notice about its component once.
//
// Pure functions of their arguments; safe from any thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::intake {

// Who answers for a new case, and why them.
struct FirstOwner {
  std::string person;
  v1::AssignmentReason named = v1::ASSIGNMENT_REASON_UNSPECIFIED;
};

// Whom a case that nobody took can go to.
struct Candidates {
  std::optional<std::string> rep = std::nullopt;  // available, with the fewest open cases
  std::optional<std::string> supervisor_on_duty = std::nullopt;
  std::string fallback = "";  // the configured person; may be empty
};

struct OpenCase {
  v1::OpenCaseRequest request;
  std::string case_id;
  Candidates candidates;
  std::optional<std::string> supervisor;  // of the owner whom FirstOwnerOf names
  std::vector<std::string> notice_ids;    // active ones about the component
  // Held while the command is under way, so that the rep's load counts it.
  std::shared_ptr<const void> reservation = nullptr;
};

// What a notice published after the opening leads to.
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

  // The rep or supervisor who calls, unless the channel is PROACTIVE; else the first of the candidates there is.
  static std::optional<FirstOwner> FirstOwnerOf(v1::Channel channel, const Candidates& candidates,
                                                const runtime::Caller& caller);

  // FAILED_PRECONDITION NO_OWNER. Nothing if the case is there already: two causes can mean the same case.
  static Decision Decide(const State& state, const OpenCase& command, const runtime::Caller& caller);
  // NOT_FOUND CASE_UNKNOWN.
  static Decision Decide(const State& state, const v1::RecordInteractionRequest& command,
                         const runtime::Caller& caller);
  static Decision Decide(const State& state, const LinkNotice& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::intake
