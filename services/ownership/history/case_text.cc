#include "services/ownership/history/case_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

#include "libs/money/money.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/history/commitment_text.h"
#include "services/ownership/history/text_parts.h"

namespace throughline::ownership {
namespace {

using absl::StrCat;

std::string Opened(const intake::v1::CaseOpened& opened) {
  const bool noticed = opened.channel() == intake::v1::CHANNEL_PROACTIVE;
  return StrCat("case opened: ", opened.subject(), "; ", opened.owner(), " answers for it",
                After(noticed ? "; we noticed: " : "; the customer said: ", opened.text()),
                After("; it continues case ", opened.continues_case_id()),
                After("; it was a part of case ", opened.split_from_case_id()));
}

std::string Said(const intake::v1::InteractionRecorded& interaction) {
  const bool inbound = interaction.direction() == intake::v1::DIRECTION_INBOUND;
  const std::string& speaker = interaction.speaker();
  const std::string who = inbound           ? After("the customer, through ", speaker)
                          : speaker.empty() ? interaction.by()
                                            : speaker;
  return StrCat(who.empty() ? "the customer" : who, inbound ? " said: " : " told the customer: ", interaction.text(),
                interaction.company_mistake() ? " (our mistake)" : "",
                interaction.has_said_at() ? StrCat(" (said ", TimeText(interaction.said_at()), ")") : "",
                After("; it goes on as case ", interaction.continued_by_case_id()));
}

std::string Note(const v1::WorkNoteAdded& note) {
  std::string text = StrCat(note.by(), ": ", note.text());
  if (note.has_next_action()) absl::StrAppend(&text, "; next: ", note.next_action());
  if (note.has_next_action_due()) absl::StrAppend(&text, " by ", TimeText(note.next_action_due()));
  return text + After("; waits for ", note.waiting_on());
}

std::string Proposed(const v1::ResolutionProposed& proposed) {
  return StrCat(proposed.by(), " proposes: ", proposed.text(),
                proposed.has_closes_at()
                    ? StrCat("; closed unconfirmed ", TimeText(proposed.closes_at()), " if the customer stays silent")
                    : "");
}

std::string Closed(const v1::CaseClosed& closed) {
  const bool confirmed = closed.resolution_code() == v1::RESOLUTION_CODE_CONFIRMED;
  return StrCat(closed.by(), " closes the case, ", confirmed ? "confirmed by the customer" : "unconfirmed",
                After(": ", closed.reason()), After("; offered: ", absl::StrJoin(closed.options_offered(), "; ")));
}

std::string Escalated(const v1::CaseEscalated& escalated) {
  const std::string to = StrCat(escalated.to(), ", who acknowledges it by ", TimeText(escalated.due()));
  const std::string why = StrCat(": ", escalated.reason(), "; ", escalated.owner(), " stays the owner");
  switch (escalated.cause()) {
    case v1::ESCALATION_CAUSE_NOT_ACKNOWLEDGED:
      return StrCat("the escalation climbs to level ", escalated.level(), ", from ", escalated.from(), " to ", to, why);
    case v1::ESCALATION_CAUSE_PERSON_DEACTIVATED:
      return StrCat("the escalation moves from ", escalated.from(), " to ", to, why);
    case v1::ESCALATION_CAUSE_CASE_MERGED:
      return StrCat("the escalation comes with the merged case, to ", to, why);
    case v1::ESCALATION_CAUSE_COMMITMENTS_BROKEN:
      return StrCat("the case is escalated to ", to, why);
    default:
      return StrCat(escalated.by(), " escalates the case to ", to, why);
  }
}

const char* KindWord(v1::RemedyKind kind) {
  switch (kind) {
    case v1::REMEDY_KIND_CREDIT:
      return "a credit";
    case v1::REMEDY_KIND_REPLACEMENT:
      return "a replacement";
    case v1::REMEDY_KIND_WAIVED_FEE:
      return "a waived fee";
    default:
      return "a refund";
  }
}

// `a refund of 20.00 USD`.
std::string RemedyText(v1::RemedyKind kind, const common::v1::Money& amount) {
  return StrCat(KindWord(kind), " of ", money::MoneyText(amount));
}

std::string Granted(const v1::RemedyGranted& granted) {
  const std::string what = RemedyText(granted.kind(), granted.amount());
  const std::string mistake = granted.limits().raised_by_mistake() ? " (our mistake)" : "";
  if (granted.approved_by().empty()) {
    return StrCat(granted.granted_by(), " grants the customer ", what, mistake, ": ", granted.reason());
  }
  if (granted.countered()) {
    return StrCat("the customer takes ", what, ", which ", granted.approved_by(), " offered", mistake, ": ",
                  granted.reason());
  }
  return StrCat(granted.approved_by(), " approves ", what,
                granted.has_asked_amount() ? StrCat(" instead of ", money::MoneyText(granted.asked_amount())) : "",
                ", which ", granted.granted_by(), " asked for", mistake, ": ", granted.reason());
}

std::string PaymentText(const v1::RemedyOutcomeRecorded& recorded) {
  const std::string what = RemedyText(recorded.kind(), recorded.amount());
  return recorded.outcome() == v1::PAYMENT_OUTCOME_PAID
             ? StrCat(recorded.by(), " paid ", what, ": ", recorded.reference())
             : StrCat(recorded.by(), " could not pay ", what, ": ", recorded.reason());
}

const char* ByCode(v1::AnswerMethod method) {
  if (method == v1::ANSWER_METHOD_PAGE) return " on the page of their order";
  return method == v1::ANSWER_METHOD_CODE ? " by code" : "";
}

}  // namespace

std::string TextOf(const intake::v1::CaseEvent& event) {
  using Event = intake::v1::CaseEvent;
  switch (event.event_case()) {
    case Event::kOpened:
      return Opened(event.opened());
    case Event::kInteractionRecorded:
      return Said(event.interaction_recorded());
    case Event::kLinkedToNotice:
      return StrCat("linked to notice ", event.linked_to_notice().notice_id(), " about ",
                    event.linked_to_notice().component_id());
    case Event::kUnlinkedFromNotice:
      return StrCat(event.unlinked_from_notice().by(), " unlinks notice ", event.unlinked_from_notice().notice_id(),
                    ": ", event.unlinked_from_notice().reason());
    case Event::kRepeatedContactRaised:
      return StrCat("the customer had to come back: interaction ",
                    event.repeated_contact_raised().inbound_interactions());
    case Event::kAlertAttached:
      return StrCat("alert: ", event.alert_attached().text(), After("; because of ", event.alert_attached().origin()));
    case Event::kInteractionMarkedAsMistake:
      return StrCat(event.interaction_marked_as_mistake().by(), " marks interaction ",
                    event.interaction_marked_as_mistake().interaction_id(),
                    " as our mistake: ", event.interaction_marked_as_mistake().reason());
    case Event::kSplit:
      return StrCat(event.split().by(), " splits off case ", event.split().new_case_id(), ": ", event.split().reason());
    case Event::EVENT_NOT_SET:
      return "";
  }
  return "";
}

std::string TextOf(const v1::OwnershipEvent& event, const v1::Commitment& about) {
  using Event = v1::OwnershipEvent;
  switch (event.event_case()) {
    case Event::kStarted:
      return "";  // repeats the opening
    case Event::kHandoffOffered:
      return StrCat(event.handoff_offered().from(), " offers the case to ", event.handoff_offered().to(), ": ",
                    event.handoff_offered().reason());
    case Event::kHandoffAccepted:
      return StrCat(event.handoff_accepted().to(), " takes the case from ", event.handoff_accepted().from());
    case Event::kHandoffDeclined:
      return StrCat(event.handoff_declined().by(), " declines the case: ", event.handoff_declined().reason());
    case Event::kHandoffWithdrawn:
      return StrCat(event.handoff_withdrawn().by(), " withdraws the offer to ", event.handoff_withdrawn().to(), ": ",
                    event.handoff_withdrawn().reason());
    case Event::kReassigned:
      return StrCat("the case goes from ", event.reassigned().from(), " to ", event.reassigned().to(), ": ",
                    event.reassigned().reason());
    case Event::kHandoffExpired:
      return StrCat(event.handoff_expired().to(), " did not answer the offer of the case");
    case Event::kPromiseMade:
    case Event::kPromiseKept:
    case Event::kPromiseRenegotiated:
    case Event::kPromiseBroken:
    case Event::kCommitmentMade:
    case Event::kCommitmentRenegotiated:
    case Event::kCommitmentSettled:
      return CommitmentText(event, about);
    case Event::kWorkNoteAdded:
      return Note(event.work_note_added());
    case Event::kResolutionProposed:
      return Proposed(event.resolution_proposed());
    case Event::kResolutionConfirmed:
      return StrCat("the customer confirms", ByCode(event.resolution_confirmed().method()), ": ",
                    event.resolution_confirmed().evidence());
    case Event::kResolutionRejected:
      return StrCat("the customer does not accept", ByCode(event.resolution_rejected().method()), ": ",
                    event.resolution_rejected().reason());
    case Event::kClosed:
      return Closed(event.closed());
    case Event::kReopened:
      return StrCat(event.reopened().by(), " reopens the case: ", event.reopened().reason());
    case Event::kConfirmationRequested:
      return StrCat("notice ", event.confirmation_requested().notice_id(),
                    " is resolved: the owner is to ask the customer");
    case Event::kInteractionNoted:  // intake's event has the words; those of a merged case are in its own history
      if (event.interaction_noted().case_id().empty()) return "";
      return StrCat(event.interaction_noted().inbound() ? "the customer spoke" : "we spoke to the customer",
                    " on case ", event.interaction_noted().case_id(), ", which goes on as this one");
    case Event::kInteractionAcknowledged:
      return StrCat(event.interaction_acknowledged().by(), " has seen what the customer said; it needs no answer",
                    After(": ", event.interaction_acknowledged().reason()));
    case Event::kConfirmationTakenBack:
      return StrCat("the customer spoke again: ",
                    event.confirmation_taken_back().status() == v1::CASE_STATUS_RESOLVED_CONFIRMED
                        ? "the confirmation is taken back"
                        : "the proposed resolution is taken back",
                    ", the case is open");
    case Event::kClosingAnnounced:
      return StrCat("the customer has not answered: the case is closed unconfirmed ",
                    TimeText(event.closing_announced().closes_at()), " unless they do");
    case Event::kMerged:
      return StrCat(event.merged().by(), " merges the case into case ", event.merged().into_case_id(),
                    ", which goes on: ", event.merged().reason());
    case Event::kEscalated:
      return Escalated(event.escalated());
    case Event::kEscalationAcknowledged:
      return StrCat(event.escalation_acknowledged().by(), " acknowledges the escalation and decides by ",
                    TimeText(event.escalation_acknowledged().due()));
    case Event::kEscalationSettled:
      return event.escalation_settled().with_case()
                 ? StrCat("the escalation ends: ", event.escalation_settled().decision())
                 : StrCat(event.escalation_settled().by(),
                          " settles the escalation: ", event.escalation_settled().decision());
    case Event::kEscalationExhausted:
      return StrCat("nobody acknowledged the escalation up to the top: it stays with ",
                    event.escalation_exhausted().to());
    case Event::kAbsorbed:
      return StrCat("case ", event.absorbed().from_case_id(), " goes on as this one: ", event.absorbed().reason());
    case Event::kRemedyGranted:
      return Granted(event.remedy_granted());
    case Event::kRemedyRefused:
      return StrCat("a remedy of ", money::MoneyText(event.remedy_refused().amount()),
                    " was not granted: ", event.remedy_refused().message());
    case Event::kRemedyRequested:
      return StrCat(event.remedy_requested().by(), " asks ", event.remedy_requested().approver(), " for ",
                    RemedyText(event.remedy_requested().kind(), event.remedy_requested().amount()),
                    event.remedy_requested().company_mistake() ? " (our mistake)" : "", ": ",
                    event.remedy_requested().reason());
    case Event::kRemedyDeclined:
      return StrCat(event.remedy_declined().by(), " declines the remedy: ", event.remedy_declined().reason());
    case Event::kRemedyCountered:
      return StrCat(event.remedy_countered().offer().by(), " offers ",
                    RemedyText(event.remedy_countered().offer().kind(), event.remedy_countered().offer().amount()),
                    " instead: ", event.remedy_countered().offer().reason());
    case Event::kRemedyWithdrawn:
      return StrCat("the remedy is given up by ", event.remedy_withdrawn().by(), ": ",
                    event.remedy_withdrawn().reason());
    case Event::kRemedyPassedUp:
      return StrCat("the decision about the remedy goes from ", event.remedy_passed_up().from(), " to ",
                    event.remedy_passed_up().to(), ": ", event.remedy_passed_up().reason());
    case Event::kRemedyHandedOff:
      return StrCat("the remedy is handed to ", event.remedy_handed_off().to(), " to be paid");
    case Event::kRemedyOutcomeRecorded:
      return PaymentText(event.remedy_outcome_recorded());
    case Event::kRemedyRetried:
      return StrCat(event.remedy_retried().by(), " has the remedy paid again: ", event.remedy_retried().reason());
    case Event::EVENT_NOT_SET:
      return "";
  }
  return "";
}

std::string KindOf(const google::protobuf::Message& event) {
  std::vector<const google::protobuf::FieldDescriptor*> set;
  event.GetReflection()->ListFields(event, &set);
  return set.empty() ? "" : set.front()->message_type()->name();
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", runtime::FromProto(time), absl::UTCTimeZone());
}

}  // namespace throughline::ownership
