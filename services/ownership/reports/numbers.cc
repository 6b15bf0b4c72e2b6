#include "services/ownership/reports/numbers.h"

#include <algorithm>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitment.h"

namespace throughline::ownership {
namespace {

using Numbers = v1::ReportNumbers;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field that says what the elements of a list are about: all that is neither a count nor a message.
bool IsAbout(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM || field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

std::string AboutOf(const Message& element) {
  std::string about;
  const auto& reflection = *element.GetReflection();
  for (int i = 0; i < element.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *element.GetDescriptor()->field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      about.append({static_cast<char>(reflection.GetEnumValue(element, &field)), '\0'});
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      about.append(reflection.GetString(element, &field)).push_back('\0');
    }
  }
  return about;
}

void Add(Message& sum, const Message& more);

void AddList(Message& sum, const Message& more, const FieldDescriptor& field) {
  const auto& reflection = *more.GetReflection();
  for (int i = 0; i < reflection.FieldSize(more, &field); ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      const int64_t count = reflection.GetRepeatedInt64(more, &field, i);
      if (i == reflection.FieldSize(sum, &field)) {
        reflection.AddInt64(&sum, &field, count);
      } else {
        reflection.SetRepeatedInt64(&sum, &field, i, reflection.GetRepeatedInt64(sum, &field, i) + count);
      }
      continue;
    }
    const Message& element = reflection.GetRepeatedMessage(more, &field, i);
    const std::string about = AboutOf(element);
    int at = 0;
    const int size = reflection.FieldSize(sum, &field);
    while (at < size && AboutOf(reflection.GetRepeatedMessage(sum, &field, at)) < about) ++at;
    if (at < size && AboutOf(reflection.GetRepeatedMessage(sum, &field, at)) == about) {
      Add(*reflection.MutableRepeatedMessage(&sum, &field, at), element);
      continue;
    }
    reflection.AddMessage(&sum, &field)->CopyFrom(element);
    for (int last = size; last > at; --last) reflection.SwapElements(&sum, &field, last, last - 1);
  }
}

void Add(Message& sum, const Message& more) {
  const auto& reflection = *more.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(more, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      AddList(sum, more, *field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Add(*reflection.MutableMessage(&sum, field), reflection.GetMessage(more, field));
    } else if (!IsAbout(*field)) {
      reflection.SetInt64(&sum, field, reflection.GetInt64(sum, field) + reflection.GetInt64(more, field));
    }
  }
}

// Of the kind.
v1::CommitmentNumbers& Of(v1::CommitmentKind kind, Numbers& numbers) {
  auto& all = *numbers.mutable_commitments();
  const auto found = absl::c_find_if(all, [&](const auto& one) { return one.kind() >= kind; });
  const auto at = static_cast<int>(found - all.begin());
  if (found == all.end() || found->kind() != kind) {
    all.Add()->set_kind(kind);
    for (int last = all.size() - 1; last > at; --last) all.SwapElements(last, last - 1);
  }
  return all[at];
}

class Counter {
 public:
  Counter(const EventToCount& counted, v1::CaseFactsRow& facts, std::map<std::string, Numbers>& by_rep)
      : counted_(counted), facts_(facts), by_rep_(by_rep) {}

  void Start(const v1::OwnershipStarted& started) {
    facts_.set_component_id(started.component_id());
    facts_.set_order_id(started.order_id());
    *facts_.mutable_opened_at() = started.opened_at();
    BecomeOwner(started.owner());
    v1::CommitmentMade update;
    *update.mutable_commitment() = OpeningUpdate(started);
    Make(update);
  }

  void HandOver(const std::string& from, const std::string& to, bool offered) {
    Numbers& numbers = Of(from);
    if (offered) {
      numbers.set_handoffs_accepted(numbers.handoffs_accepted() + 1);
    } else {
      numbers.set_reassignments(numbers.reassignments() + 1);
    }
    if (BecomeOwner(to)) numbers.set_ping_pongs(numbers.ping_pongs() + 1);
  }

  void Make(const v1::CommitmentMade& made) {
    if (counted_.moves_commitments) return;
    auto& numbers = Commitments(made.commitment().kind(), made.commitment().owed_by());
    numbers.set_made(numbers.made() + 1);
  }
  void Renegotiate(v1::CommitmentKind kind) {
    auto& numbers = Commitments(kind, counted_.about.owed_by());
    numbers.set_renegotiated(numbers.renegotiated() + 1);
  }
  void Settle(const v1::CommitmentSettled& settled) {
    const std::string& owed_by = settled.owed_by().empty() ? counted_.about.owed_by() : settled.owed_by();
    auto& numbers = Commitments(settled.kind(), owed_by);
    if (settled.outcome() == v1::COMMITMENT_OUTCOME_KEPT) numbers.set_kept(numbers.kept() + 1);
    if (settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN) numbers.set_broken(numbers.broken() + 1);
    if (settled.outcome() == v1::COMMITMENT_OUTCOME_WITHDRAWN) numbers.set_withdrawn(numbers.withdrawn() + 1);
    if (settled.outcome() == v1::COMMITMENT_OUTCOME_RETURNED) numbers.set_returned(numbers.returned() + 1);
  }

  void Note(const v1::InteractionNoted& noted) {
    if (noted.inbound() && noted.passed_on_to_case_id().empty() && facts_.proposals() == 0) {
      facts_.set_contacts_before_proposal(facts_.contacts_before_proposal() + 1);
    }
  }
  void Propose() {
    facts_.set_proposals(facts_.proposals() + 1);
    facts_.clear_confirmed_at();
    facts_.set_awaits_answer(true);
  }
  void Confirm() {
    *facts_.mutable_confirmed_at() = runtime::ToProto(counted_.time);
    facts_.set_awaits_answer(false);
  }
  void NotConfirmed() {
    facts_.clear_confirmed_at();
    facts_.set_awaits_answer(false);
  }
  void TakeBack() {
    NotConfirmed();
    Numbers& numbers = Of(facts_.owner());
    numbers.set_confirmations_taken_back(numbers.confirmations_taken_back() + 1);
  }
  void Close(const v1::CaseClosed& closed) {
    Numbers& numbers = Of(facts_.owner());
    if (closed.resolution_code() == v1::RESOLUTION_CODE_CONFIRMED) {
      numbers.set_closed_confirmed(numbers.closed_confirmed() + 1);
      const absl::Time confirmed =
          facts_.has_confirmed_at() ? runtime::FromProto(facts_.confirmed_at()) : counted_.time;
      AddDuration(confirmed - runtime::FromProto(facts_.opened_at()), *numbers.mutable_time_to_confirmed());
      if (facts_.proposals() <= 1 && facts_.contacts_before_proposal() == 0 && facts_.reopenings() == 0) {
        facts_.set_first_contact(true);
        numbers.set_first_contact_resolutions(numbers.first_contact_resolutions() + 1);
      }
    } else if (facts_.awaits_answer()) {
      numbers.set_closed_unconfirmed(numbers.closed_unconfirmed() + 1);
    } else {
      numbers.set_closed_unsolved(numbers.closed_unsolved() + 1);
    }
    NotConfirmed();
  }
  void Reopen() {
    Numbers& numbers = Of(facts_.owner());
    numbers.set_reopenings(numbers.reopenings() + 1);
    if (facts_.first_contact()) numbers.set_first_contact_reopened(numbers.first_contact_reopened() + 1);
    facts_.set_first_contact(false);
    facts_.set_reopenings(facts_.reopenings() + 1);
    NotConfirmed();
  }
  // A merged case can be merged again, when something reaches it later.
  void Merge() {
    if (facts_.merged()) return;
    facts_.set_merged(true);
    Numbers& numbers = Of(facts_.owner());
    numbers.set_merged(numbers.merged() + 1);
  }

  Numbers& Of(const std::string& rep) { return by_rep_[rep]; }

 private:
  // Whether they had owned it before.
  bool BecomeOwner(const std::string& person) {
    facts_.set_owner(person);
    if (absl::c_linear_search(facts_.owners(), person)) return true;
    facts_.add_owners(person);
    return false;
  }
  v1::CommitmentNumbers& Commitments(v1::CommitmentKind kind, const std::string& owed_by) {
    return ownership::Of(kind, Of(owed_by.empty() ? facts_.owner() : owed_by));
  }

  const EventToCount& counted_;
  v1::CaseFactsRow& facts_;
  std::map<std::string, Numbers>& by_rep_;
};

}  // namespace

const std::vector<int64_t>& DurationLimitsSeconds() {
  constexpr int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  static const auto& limits = *new std::vector<int64_t>{5 * kMinute, 15 * kMinute, kHour,    4 * kHour, 8 * kHour, kDay,
                                                        2 * kDay,    3 * kDay,     7 * kDay, 14 * kDay, 30 * kDay};
  return limits;
}

void AddDuration(absl::Duration duration, v1::DurationNumbers& numbers) {
  const std::vector<int64_t>& limits = DurationLimitsSeconds();
  duration = std::max(duration, absl::ZeroDuration());  // times of two services' clocks
  numbers.set_count(numbers.count() + 1);
  numbers.set_total_microseconds(numbers.total_microseconds() + absl::ToInt64Microseconds(duration));
  while (numbers.counts_size() <= static_cast<int>(limits.size())) numbers.add_counts(0);
  const auto at = absl::c_find_if(limits, [&](int64_t limit) { return duration <= absl::Seconds(limit); });
  const auto index = static_cast<int>(at - limits.begin());
  numbers.set_counts(index, numbers.counts(index) + 1);
}

void AddTo(v1::ReportNumbers& sum, const v1::ReportNumbers& more) { Add(sum, more); }

void CountEvent(const EventToCount& counted, v1::CaseFactsRow& facts,
                std::map<std::string, v1::ReportNumbers>& by_rep) {
  using Event = v1::OwnershipEvent;
  const v1::OwnershipEvent& event = counted.event;
  Counter counter(counted, facts, by_rep);
  switch (event.event_case()) {
    case Event::kStarted:
      return counter.Start(event.started());
    case Event::kHandoffOffered: {
      auto& numbers = counter.Of(event.handoff_offered().from());
      return numbers.set_handoffs_offered(numbers.handoffs_offered() + 1);
    }
    case Event::kHandoffAccepted:
      return counter.HandOver(event.handoff_accepted().from(), event.handoff_accepted().to(), true);
    case Event::kHandoffDeclined: {
      auto& numbers = counter.Of(event.handoff_declined().by());
      return numbers.set_handoffs_declined(numbers.handoffs_declined() + 1);
    }
    case Event::kHandoffExpired: {
      auto& numbers = counter.Of(event.handoff_expired().to());
      return numbers.set_handoffs_expired(numbers.handoffs_expired() + 1);
    }
    case Event::kReassigned:
      return counter.HandOver(event.reassigned().from(), event.reassigned().to(), false);
    case Event::kPromiseMade:
      return counter.Make(AsMade(event.promise_made()));
    case Event::kPromiseKept:
      return counter.Settle(AsSettled(event.promise_kept()));
    case Event::kPromiseRenegotiated:
      return counter.Renegotiate(v1::COMMITMENT_KIND_PROMISE);
    case Event::kPromiseBroken:
      return counter.Settle(AsSettled(event.promise_broken()));
    case Event::kCommitmentMade:
      return counter.Make(event.commitment_made());
    case Event::kCommitmentRenegotiated:
      return counter.Renegotiate(counted.about.kind());
    case Event::kCommitmentSettled:
      return counter.Settle(event.commitment_settled());
    case Event::kInteractionNoted:
      return counter.Note(event.interaction_noted());
    case Event::kResolutionProposed:
      return counter.Propose();
    case Event::kResolutionConfirmed:
      return counter.Confirm();
    case Event::kResolutionRejected:
      return counter.NotConfirmed();
    case Event::kConfirmationTakenBack:
      return counter.TakeBack();
    case Event::kClosed:
      return counter.Close(event.closed());
    case Event::kReopened:
      return counter.Reopen();
    case Event::kMerged:
      return counter.Merge();
    case Event::kHandoffWithdrawn:
    case Event::kWorkNoteAdded:
    case Event::kInteractionAcknowledged:
    case Event::kClosingAnnounced:
    case Event::kAbsorbed:
    case Event::kConfirmationRequested:
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
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::ownership
