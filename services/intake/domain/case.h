#pragma once

// The rules of a case. It has an owner from its first event. Interactions are kept word for word. The customer's third
// interaction (or the configured one) raises repeated contact, once. The case is linked to each notice about one of its
// components once. Its parts can become cases of their own, and a case that was closed for long is continued by
// another, once.
//
// Pure functions; any thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "libs/runtime/domain/due.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/state.pb.h"

namespace throughline::intake {

// Who gives the commands of reactors, and of handlers on behalf of the service.
inline constexpr char kServiceName[] = "throughline.intake";
inline constexpr uint32_t kRepeatedContact = 3;
inline constexpr absl::Duration kNextUpdateWithin = absl::Hours(24);

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
  std::vector<std::string> notice_ids;  // active notices that are about it
  std::vector<std::string> notice_ids_by_words = {};  // those of them that were found by words
  // Counts the command in the rep's load while it is in flight.
  std::shared_ptr<const void> reservation = nullptr;
  std::vector<std::string> unknown_component_ids = {};  // those of its components that are not defined
  absl::Duration next_update_within = kNextUpdateWithin;
  // The owner of the case that this one continues, or of which it was a part. Goes before everybody else.
  std::optional<std::string> same_owner = std::nullopt;
  std::string continues_case_id = "";
  std::string split_from_case_id = "";
  runtime::Meant meant = absl::InfinitePast();  // by request.next_update_due_in
  // What the matter's reservation says: nothing is left to decide.
  std::optional<v1::CaseOpened> reserved = std::nullopt;
};

struct RecordInteraction {
  v1::RecordInteractionRequest request;
  uint32_t repeated_contact = kRepeatedContact;  // the inbound interaction that raises it
  // Set if the case has been closed for so long that a new case continues it: the id of that one.
  std::string continued_by_case_id = "";
  runtime::Meant meant = absl::InfinitePast();  // by request.next_update_due_in
};

struct MarkMistake {
  v1::MarkMistakeRequest request;
  bool known = false;  // whether the case has that interaction
};

// Given by reactors, and by handlers on their behalf.
struct LinkNotice {
  v1::CaseLinkedToNotice request;
};
struct AttachAlert {
  v1::AlertAttached request;
};
struct RecordSplit {
  v1::CaseSplit request;
};

// The stream `case/<case_id>`.
struct Case {
  static constexpr char kKind[] = "case";
  using State = v1::CaseState;
  using Event = v1::CaseEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // The rep or supervisor who calls, unless the channel is PROACTIVE; else the first candidate; else none.
  static std::optional<FirstOwner> FirstOwnerOf(v1::Channel channel, const Candidates& candidates,
                                                const runtime::Caller& caller);
  // FAILED_PRECONDITION NO_OWNER, PERSON_DEACTIVATED.
  static absl::StatusOr<v1::CaseOpened> OpeningOf(const OpenCase& command, const runtime::Caller& caller);

  // As OpeningOf. No events if the case exists.
  static Decision Decide(const State& state, const OpenCase& command, const runtime::Caller& caller);
  // NOT_FOUND CASE_UNKNOWN. PERMISSION_DENIED STAFF_ONLY. FAILED_PRECONDITION CASE_CONTINUED, metadata `case_id`:
  // another command found first that a new case continues this one; it is for the handler.
  static Decision Decide(const State& state, const RecordInteraction& command, const runtime::Caller& caller);
  // NOT_FOUND CASE_UNKNOWN, NOTICE_NOT_LINKED. No events if it was unlinked already.
  static Decision Decide(const State& state, const v1::UnlinkNoticeRequest& request, const runtime::Caller& caller);
  // NOT_FOUND CASE_UNKNOWN, INTERACTION_UNKNOWN.
  static Decision Decide(const State& state, const MarkMistake& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const LinkNotice& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const AttachAlert& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RecordSplit& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

// A rep or a supervisor.
bool IsStaff(const runtime::Caller& caller);

// NOT_FOUND CASE_UNKNOWN.
absl::Status CaseUnknown(const std::string& case_id);

// The case that continues another from an interaction on. Everybody who opens it meets the same stream.
std::string ContinuationId(const std::string& case_id, const std::string& interaction_id);

}  // namespace throughline::intake
