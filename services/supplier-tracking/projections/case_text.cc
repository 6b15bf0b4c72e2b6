#include "services/supplier-tracking/projections/case_text.h"

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/projections/trace.h"

namespace throughline::supplier {
namespace {

std::string What(const v1::CaseRow& known, const std::string& promise_id) {
  for (const auto& promise : known.promises()) {
    if (promise.promise_id() == promise_id) return absl::StrCat("\"", promise.what(), "\"");
  }
  return "a promise";
}

}  // namespace

std::string TextOf(const intake::v1::CaseEvent& event) {
  using Event = intake::v1::CaseEvent;
  switch (event.event_case()) {
    case Event::kOpened: {
      const auto& opened = event.opened();
      return absl::StrCat("case opened: ", opened.subject(), "; ", opened.owner(), " answers for it");
    }
    case Event::kInteractionRecorded: {
      const auto& interaction = event.interaction_recorded();
      const bool inbound = interaction.direction() == intake::v1::DIRECTION_INBOUND;
      return absl::StrCat(inbound ? "the customer said: " : interaction.by() + " told the customer: ",
                          interaction.text());
    }
    case Event::kLinkedToNotice:
      return absl::StrCat("linked to notice ", event.linked_to_notice().notice_id(), " about ",
                          event.linked_to_notice().component_id());
    case Event::kRepeatedContactRaised:
      return absl::StrCat("the customer had to come back: interaction ",
                          event.repeated_contact_raised().inbound_interactions());
    case Event::kAlertAttached:
    case Event::kInteractionMarkedAsMistake:
    case Event::kSplit:
    case Event::EVENT_NOT_SET:
      return "";
  }
  return "";
}

std::string TextOf(const ownership::v1::OwnershipEvent& event, const v1::CaseRow& known) {
  using Event = ownership::v1::OwnershipEvent;
  switch (event.event_case()) {
    case Event::kStarted:
      return "";  // repeats the opening
    case Event::kHandoffOffered:
      return absl::StrCat(event.handoff_offered().from(), " offers the case to ", event.handoff_offered().to(), ": ",
                          event.handoff_offered().reason());
    case Event::kHandoffAccepted:
      return absl::StrCat(event.handoff_accepted().to(), " takes the case from ", event.handoff_accepted().from());
    case Event::kHandoffDeclined:
      return absl::StrCat(event.handoff_declined().by(), " declines the case: ", event.handoff_declined().reason());
    case Event::kHandoffWithdrawn:
      return absl::StrCat(event.handoff_withdrawn().by(), " withdraws the offer to ", event.handoff_withdrawn().to(),
                          ": ", event.handoff_withdrawn().reason());
    case Event::kReassigned:
      return absl::StrCat("the case goes from ", event.reassigned().from(), " to ", event.reassigned().to(), ": ",
                          event.reassigned().reason());
    case Event::kHandoffExpired:
      return absl::StrCat(event.handoff_expired().to(), " did not answer the offer of the case");
    case Event::kPromiseMade:
      return absl::StrCat(event.promise_made().made_by(), " promises ", event.promise_made().to(), ": \"",
                          event.promise_made().text(), "\" by ", TimeText(event.promise_made().due()));
    case Event::kPromiseKept:
      return absl::StrCat("promise kept: ", What(known, event.promise_kept().promise_id()), ": ",
                          event.promise_kept().evidence());
    case Event::kPromiseRenegotiated:
      return absl::StrCat("promise renegotiated: ", What(known, event.promise_renegotiated().promise_id()), ", now by ",
                          TimeText(event.promise_renegotiated().new_due()), ": ",
                          event.promise_renegotiated().reason());
    case Event::kPromiseBroken:
      return absl::StrCat("promise broken: ", What(known, event.promise_broken().promise_id()), " was due ",
                          TimeText(event.promise_broken().due()));
    case Event::kWorkNoteAdded:
      return absl::StrCat(event.work_note_added().by(), ": ", event.work_note_added().text());
    case Event::kResolutionProposed:
      return absl::StrCat(event.resolution_proposed().by(), " proposes: ", event.resolution_proposed().text());
    case Event::kResolutionConfirmed:
      return absl::StrCat("the customer confirms: ", event.resolution_confirmed().evidence());
    case Event::kResolutionRejected:
      return absl::StrCat("the customer does not accept: ", event.resolution_rejected().reason());
    case Event::kClosed:
      return absl::StrCat(event.closed().by(), " closes the case, ",
                          event.closed().resolution_code() == ownership::v1::RESOLUTION_CODE_CONFIRMED
                              ? "confirmed by the customer"
                              : "unconfirmed: " + event.closed().reason());
    case Event::kReopened:
      return absl::StrCat(event.reopened().by(), " reopens the case: ", event.reopened().reason());
    case Event::kConfirmationRequested:
      return absl::StrCat("notice ", event.confirmation_requested().notice_id(),
                          " is resolved: the owner is to ask the customer");
    case Event::kInteractionNoted:
    case Event::kCommitmentMade:
    case Event::kCommitmentRenegotiated:
    case Event::kCommitmentSettled:
    case Event::kInteractionAcknowledged:
    case Event::kConfirmationTakenBack:
    case Event::kClosingAnnounced:
    case Event::kMerged:
    case Event::kAbsorbed:
    case Event::EVENT_NOT_SET:
      return "";
  }
  return "";
}

}  // namespace throughline::supplier
