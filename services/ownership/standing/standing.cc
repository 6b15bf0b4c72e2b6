#include "services/ownership/standing/standing.h"

namespace throughline::ownership {

StandingChange ChangeOf(const v1::OwnershipEvent& event) {
  using Event = v1::OwnershipEvent;
  switch (event.event_case()) {
    case Event::kStarted:
      return {.owner = event.started().owner(), .status = v1::CASE_STATUS_OPEN};
    case Event::kHandoffAccepted:
      return {.owner = event.handoff_accepted().to()};
    case Event::kReassigned:
      return {.owner = event.reassigned().to()};
    case Event::kResolutionProposed:
      return {.status = v1::CASE_STATUS_RESOLUTION_PROPOSED};
    case Event::kResolutionConfirmed:
      return {.status = v1::CASE_STATUS_RESOLVED_CONFIRMED};
    case Event::kResolutionRejected:
    case Event::kConfirmationTakenBack:
    case Event::kReopened:
      return {.status = v1::CASE_STATUS_OPEN};
    case Event::kClosed:
      return {.status = event.closed().resolution_code() == v1::RESOLUTION_CODE_CONFIRMED
                            ? v1::CASE_STATUS_CLOSED_CONFIRMED
                            : v1::CASE_STATUS_CLOSED_UNCONFIRMED};
    case Event::kMerged:
      return {.status = v1::CASE_STATUS_CLOSED_MERGED, .merged_into_case_id = event.merged().into_case_id()};
    case Event::kHandoffOffered:
    case Event::kHandoffDeclined:
    case Event::kHandoffWithdrawn:
    case Event::kHandoffExpired:
    case Event::kPromiseMade:
    case Event::kPromiseKept:
    case Event::kPromiseRenegotiated:
    case Event::kPromiseBroken:
    case Event::kWorkNoteAdded:
    case Event::kInteractionNoted:
    case Event::kInteractionAcknowledged:
    case Event::kCommitmentMade:
    case Event::kCommitmentRenegotiated:
    case Event::kCommitmentSettled:
    case Event::kClosingAnnounced:
    case Event::kAbsorbed:
    case Event::kEscalated:
    case Event::kEscalationAcknowledged:
    case Event::kEscalationSettled:
    case Event::kEscalationExhausted:
    case Event::kRemedyGranted:
    case Event::kRemedyRefused:
    case Event::kRemedyRequested:
    case Event::kRemedyDeclined:
    case Event::kRemedyCountered:
    case Event::kRemedyWithdrawn:
    case Event::kRemedyPassedUp:
    case Event::kRemedyHandedOff:
    case Event::kRemedyOutcomeRecorded:
    case Event::kRemedyRetried:
    case Event::kConfirmationRequested:
    case Event::EVENT_NOT_SET:
      return {};
  }
  return {};
}

bool IsClosed(v1::CaseStatus status) {
  return status == v1::CASE_STATUS_CLOSED_CONFIRMED || status == v1::CASE_STATUS_CLOSED_UNCONFIRMED ||
         status == v1::CASE_STATUS_CLOSED_MERGED;
}

}  // namespace throughline::ownership
