#include "services/ownership/projections/worklist.h"

#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/money/money.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {
namespace {

class Rows {
 public:
  explicit Rows(const v1::OwnershipView& view) : view_(view) {}

  // `since`: when it began; nobody has had it for longer than they have owned the case.
  v1::WorklistItem Item(v1::WorklistReason reason, std::string text, const google::protobuf::Timestamp& since) const {
    v1::WorklistItem item;
    item.set_reason(reason);
    item.set_case_id(view_.case_id());
    item.set_subject(view_.subject());
    item.set_customer_id(view_.customer_id());
    item.set_owner(view_.owner());
    item.set_status(view_.status());
    if (view_.has_order_id()) item.set_order_id(view_.order_id());
    item.set_text(std::move(text));
    item.set_repeated_contact(view_.repeated_contact());
    const absl::Time owned = runtime::FromProto(OwnedSince());
    *item.mutable_since() = runtime::ToProto(std::max(runtime::FromProto(since), owned));
    return item;
  }

  // `about`: the commitment, offer, notice or interaction; empty for the case itself. `owed`: see WorklistRow.
  void Add(const std::string& person, v1::WorklistItem item, const std::string& about,
           const v1::CommitmentView* owed = nullptr) {
    const absl::Time due = item.has_due() ? runtime::FromProto(item.due()) : absl::InfiniteFuture();
    std::string key = kWorklist.KeyOf(person, RankOf(item.reason()), due, item.case_id(), about);
    v1::WorklistRow row;
    *row.mutable_item() = std::move(item);
    if (owed != nullptr) *row.mutable_commitment() = *owed;
    rows_[std::move(key)] = store::EncodeRow(row);
  }

  const google::protobuf::Timestamp& OwnedSince() const {
    const auto& periods = view_.ownership_periods();
    return periods.empty() ? view_.opened_at() : periods[periods.size() - 1].since();
  }

  WorklistRows Take() { return std::move(rows_); }

 private:
  const v1::OwnershipView& view_;
  WorklistRows rows_;
};

v1::WorklistReason ReasonOf(const v1::Commitment& commitment, bool broken) {
  switch (commitment.kind()) {
    case v1::COMMITMENT_KIND_PROMISE:
      return broken ? v1::WORKLIST_REASON_PROMISE_BROKEN : v1::WORKLIST_REASON_PROMISE_OPEN;
    case v1::COMMITMENT_KIND_NEXT_UPDATE:
      return broken ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_NEXT_UPDATE;
    case v1::COMMITMENT_KIND_REPLY:                // open: as what the customer said
    case v1::COMMITMENT_KIND_ESCALATION:           // open: as the escalation
    case v1::COMMITMENT_KIND_ESCALATION_DECISION:  // likewise
      return broken ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_UNSPECIFIED;
    case v1::COMMITMENT_KIND_HELP:
      return broken ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_HELP;
    case v1::COMMITMENT_KIND_APPROVAL:
      return broken ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_APPROVAL;
    case v1::COMMITMENT_KIND_COUNTER_OFFER_ANSWER:
      return broken ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_COUNTER_OFFER;
    default:
      return broken ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_NEXT_ACTION;
  }
}

void AddCommitment(Rows& rows, const v1::OwnershipView& view, const v1::CommitmentView& one) {
  const bool open = one.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED;
  const bool broken = one.outcome() == v1::COMMITMENT_OUTCOME_BROKEN && !one.acknowledged();
  const v1::Commitment& commitment = one.commitment();
  const v1::WorklistReason reason = ReasonOf(commitment, broken);
  if ((!open && !broken) || reason == v1::WORKLIST_REASON_UNSPECIFIED) return;
  const bool help_broken = broken && commitment.kind() == v1::COMMITMENT_KIND_HELP;
  auto item =
      rows.Item(reason,
                help_broken ? absl::StrCat("`", commitment.owed_by(), "` did not help in time: ", commitment.text())
                            : commitment.text(),
                open ? one.made_at() : one.settled_at());
  *item.mutable_due() = commitment.due();
  item.set_commitment_id(commitment.commitment_id());
  if (commitment.kind() == v1::COMMITMENT_KIND_PROMISE) item.set_promise_id(commitment.commitment_id());
  if (!commitment.remedy_id().empty()) item.set_remedy_id(commitment.remedy_id());
  // Help that was not given is back with the owner. Whoever was asked has its row, too, so that whoever stands above
  // them sees it.
  if (help_broken) rows.Add(view.owner(), item, commitment.commitment_id());
  rows.Add(commitment.owed_by().empty() ? view.owner() : commitment.owed_by(), std::move(item),
           commitment.commitment_id(), open ? &one : nullptr);
}

// What the customer said, as one thing until it is answered, whatever becomes of the reply that is owed for it.
void AddUnanswered(Rows& rows, const v1::OwnershipView& view) {
  if (!view.has_unanswered()) return;
  const auto& waits = view.unanswered();
  auto item = rows.Item(v1::WORKLIST_REASON_CUSTOMER_WAITS,
                        waits.count() == 1 ? "The customer said something: answer or acknowledge it."
                                           : absl::StrCat("The customer said something, ", waits.count(),
                                                          " times: answer or acknowledge it."),
                        waits.since());
  if (waits.has_due()) *item.mutable_due() = waits.due();
  const auto reply = absl::c_find_if(view.commitments(), [](const v1::CommitmentView& one) {
    return one.commitment().kind() == v1::COMMITMENT_KIND_REPLY && one.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED;
  });
  rows.Add(view.owner(), std::move(item), waits.interaction_id(),
           reply == view.commitments().end() ? nullptr : &*reply);
}

// One row, with whoever it is now, from the first level until it is settled.
void AddEscalation(Rows& rows, const v1::OwnershipView& view) {
  if (!view.has_escalation()) return;
  const auto& escalation = view.escalation();
  const bool acknowledged = escalation.has_acknowledged_at();
  const auto& since = acknowledged                 ? escalation.acknowledged_at()
                      : escalation.steps().empty() ? escalation.since()
                                                   : escalation.steps(escalation.steps_size() - 1).at();
  auto item = rows.Item(acknowledged ? v1::WORKLIST_REASON_ESCALATION_DECISION : v1::WORKLIST_REASON_ESCALATED,
                        absl::StrCat("Escalated, level ", escalation.level(), ": ", escalation.reason()), since);
  *item.mutable_since() = since;
  *item.mutable_due() = escalation.due();
  const auto owed = absl::c_find_if(view.commitments(), [](const v1::CommitmentView& one) {
    return IsEscalation(one.commitment().kind()) && one.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED;
  });
  const bool open = owed != view.commitments().end();
  if (open) item.set_commitment_id(owed->commitment().commitment_id());
  rows.Add(escalation.to(), std::move(item), escalation.escalation_id(), open ? &*owed : nullptr);
}

void AddClosing(Rows& rows, const v1::OwnershipView& view) {
  if (!view.closing_announced()) return;
  auto item =
      rows.Item(v1::WORKLIST_REASON_CLOSING_ANNOUNCED,
                "The customer has not answered: tell them that the case will be closed.", view.closing_announced_at());
  *item.mutable_due() = view.closes_at();
  rows.Add(view.owner(), item, "");
}

// Also of a closed case: it stays owed.
void AddFailedRemedies(Rows& rows, const v1::OwnershipView& view) {
  for (const v1::Remedy& remedy : view.remedies()) {
    if (remedy.status() != v1::REMEDY_STATUS_FAILED) continue;
    auto item = rows.Item(v1::WORKLIST_REASON_REMEDY_FAILED,
                          absl::StrCat("The customer did not get ", money::MoneyText(remedy.amount()), ": ",
                                       remedy.failure_reason(), ". Have it paid again, or give it up."),
                          remedy.payment_at());
    item.set_remedy_id(remedy.remedy_id());
    rows.Add(view.owner(), item, remedy.remedy_id());
  }
}

// A next action from before there were commitments.
void AddOldNextAction(Rows& rows, const v1::OwnershipView& view) {
  if (!view.work_note().has_next_action() || !view.work_note().next_action_commitment_id().empty()) return;
  auto item = rows.Item(v1::WORKLIST_REASON_NEXT_ACTION, view.work_note().next_action(), view.work_note().at());
  *item.mutable_due() = view.work_note().next_action_due();
  rows.Add(view.owner(), item, "");
}

std::string WhatToDo(v1::CaseStatus status) {
  return status == v1::CASE_STATUS_RESOLUTION_PROPOSED ? "Ask the customer whether the proposed resolution solves it."
                                                       : "Work on it until the customer confirms that it is solved.";
}

}  // namespace

int64_t RankOf(v1::WorklistReason reason) {
  switch (reason) {
    case v1::WORKLIST_REASON_CUSTOMER_WAITS:
      return 1;
    case v1::WORKLIST_REASON_PROMISE_BROKEN:
      return 2;
    case v1::WORKLIST_REASON_COMMITMENT_BROKEN:
      return 3;
    case v1::WORKLIST_REASON_ESCALATED:
      return 4;
    case v1::WORKLIST_REASON_SUSPECTED_OUTAGE:
      return 5;
    case v1::WORKLIST_REASON_ESCALATION_DECISION:
      return 6;
    case v1::WORKLIST_REASON_REMEDY_FAILED:
      return 7;
    case v1::WORKLIST_REASON_APPROVAL:
      return 8;
    case v1::WORKLIST_REASON_HANDOFF_OFFERED:
      return 9;
    case v1::WORKLIST_REASON_CLOSING_ANNOUNCED:
      return 10;
    case v1::WORKLIST_REASON_HELP:
      return 11;
    case v1::WORKLIST_REASON_COUNTER_OFFER:
      return 12;
    case v1::WORKLIST_REASON_NEXT_ACTION:
      return 13;
    case v1::WORKLIST_REASON_PROMISE_OPEN:
      return 14;
    case v1::WORKLIST_REASON_NOTICE_UPDATE:
      return 15;
    case v1::WORKLIST_REASON_NEXT_UPDATE:
      return 16;
    case v1::WORKLIST_REASON_SUGGESTION:
      return 17;
    case v1::WORKLIST_REASON_IMPROVEMENT:
      return 18;
    case v1::WORKLIST_REASON_FOLLOW_UP:
      return 19;
    case v1::WORKLIST_REASON_CONFIRMED:
      return 20;
    case v1::WORKLIST_REASON_CONFIRMATION_REQUESTED:
      return 21;
    case v1::WORKLIST_REASON_OWNED:
      return 22;
    case v1::WORKLIST_REASON_UNSPECIFIED:
    case v1::WorklistReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::WorklistReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return 100;
}

v1::WorklistItem OwnedItemOf(const v1::OwnershipView& view) {
  const Rows rows(view);
  if (view.status() == v1::CASE_STATUS_RESOLVED_CONFIRMED) {
    return rows.Item(v1::WORKLIST_REASON_CONFIRMED, "The customer confirmed: close the case.",
                     view.resolution().confirmed_at());
  }
  return rows.Item(v1::WORKLIST_REASON_OWNED, WhatToDo(view.status()), rows.OwnedSince());
}

WorklistRows WorklistRowsOf(const v1::OwnershipView& view) {
  Rows rows(view);
  for (const auto& one : view.commitments()) AddCommitment(rows, view, one);
  AddFailedRemedies(rows, view);
  if (IsClosed(view.status())) return rows.Take();
  AddUnanswered(rows, view);
  AddEscalation(rows, view);
  AddClosing(rows, view);
  AddOldNextAction(rows, view);
  rows.Add(view.owner(), OwnedItemOf(view), "");
  for (int i = 0; i < view.confirmations_requested_size(); ++i) {
    auto item = rows.Item(v1::WORKLIST_REASON_CONFIRMATION_REQUESTED,
                          "The notice is resolved: ask the customer whether it works for them.",
                          view.confirmations_requested_at(i));
    item.set_notice_id(view.confirmations_requested(i));
    rows.Add(view.owner(), item, item.notice_id());
  }
  if (view.has_handoff()) {
    auto item = rows.Item(v1::WORKLIST_REASON_HANDOFF_OFFERED, view.handoff().reason(), view.handoff().offered_at());
    *item.mutable_due() = view.handoff().expires_at();
    item.set_handoff_id(view.handoff().handoff_id());
    rows.Add(view.handoff().to(), item, view.handoff().handoff_id());
  }
  return rows.Take();
}

WorklistRows WorklistRowsOf(v1::WorklistReason reason, const std::string& thing, const v1::LearningRow& learning) {
  if (!learning.has_due()) return {};
  const bool suggestion = reason == v1::WORKLIST_REASON_SUGGESTION;
  v1::WorklistRow row;
  v1::WorklistItem& item = *row.mutable_item();
  item.set_reason(reason);
  if (suggestion) {
    item.set_suggestion_id(thing);
  } else {
    item.set_improvement_kind(thing);
  }
  item.set_subject(learning.subject());
  item.set_owner(learning.owed_by());
  item.set_case_id(learning.case_id());
  item.set_customer_id(learning.customer_id());
  *item.mutable_due() = learning.due();
  item.set_text(suggestion ? "Answer the suggestion with a decision and its reason."
                           : "It goes wrong again and again: answer with a change.");
  *item.mutable_since() = learning.since();
  return {{kWorklist.KeyOf(learning.owed_by(), RankOf(reason), runtime::FromProto(item.due()), thing, ""),
           store::EncodeRow(row)}};
}

WorklistRows WorklistRowsOf(const std::string& notice_id, const v1::NoticeRow& notice) {
  v1::WorklistRow row;
  v1::WorklistItem& item = *row.mutable_item();
  item.set_reason(v1::WORKLIST_REASON_NOTICE_UPDATE);
  item.set_notice_id(notice_id);
  item.set_subject(notice.title());
  item.set_owner(notice.owner());
  *item.mutable_due() = notice.next_update_due();
  item.set_text("Tell customers what is known now, and when they hear more.");
  *item.mutable_since() =
      runtime::ToProto(std::max(runtime::FromProto(notice.updated_at()), runtime::FromProto(notice.owned_since())));
  return {{kWorklist.KeyOf(notice.owner(), RankOf(item.reason()), runtime::FromProto(item.due()), notice_id, ""),
           store::EncodeRow(row)}};
}

void WriteWorklist(const WorklistRows& before, WorklistRows after, store::Batch& batch) {
  std::set<std::string> persons;
  const auto changed = [&](std::string_view key) {
    std::string person;
    key.remove_prefix(1);
    store::TakeKey(key, person);
    persons.insert(std::move(person));
  };
  for (const auto& [key, row] : before) {
    if (after.contains(key)) continue;
    batch.Delete(key);
    changed(key);
  }
  for (auto& [key, row] : after) {
    const auto old = before.find(key);
    if (old != before.end() && old->second == row) continue;
    batch.Put(key, std::move(row));
    changed(key);
  }
  for (const std::string& person : persons) batch.Notify(WorklistTopic(person));
}

std::string ItemId(const ItemName& name) {
  std::string id(1, static_cast<char>(name.reason));
  store::AppendKey(id, std::string_view(name.thing));
  absl::StrAppend(&id, name.about);
  return absl::WebSafeBase64Escape(id);
}

std::optional<ItemName> ParseItemId(const std::string& item_id) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(item_id, &bytes) || bytes.empty() || bytes[0] == 0 ||
      !v1::WorklistReason_IsValid(bytes[0])) {
    return std::nullopt;
  }
  ItemName name{static_cast<v1::WorklistReason>(bytes[0]), "", ""};
  std::string_view rest = std::string_view(bytes).substr(1);
  if (!store::TakeKey(rest, name.thing)) return std::nullopt;
  name.about = rest;
  return name;
}

}  // namespace throughline::ownership
