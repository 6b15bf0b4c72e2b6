#include "services/ownership/projections/worklist.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {
namespace {

class Rows {
 public:
  explicit Rows(const v1::OwnershipView& view) : view_(view) {}

  v1::WorklistItem Item(v1::WorklistReason reason, std::string text) const {
    v1::WorklistItem item;
    item.set_reason(reason);
    item.set_case_id(view_.case_id());
    item.set_subject(view_.subject());
    item.set_customer_id(view_.customer_id());
    item.set_owner(view_.owner());
    item.set_status(view_.status());
    if (view_.has_order_id()) item.set_order_id(view_.order_id());
    item.set_repeated_contact(view_.repeated_contact());
    item.set_text(std::move(text));
    return item;
  }

  // `about`: the commitment, offer, notice or interaction; empty for the case itself.
  void Add(const std::string& person, const v1::WorklistItem& item, const std::string& about) {
    const absl::Time due = item.has_due() ? runtime::FromProto(item.due()) : absl::InfiniteFuture();
    rows_[kWorklist.KeyOf(person, UrgencyOf(item.reason()), due, item.case_id(), about)] = store::EncodeRow(item);
  }

  std::map<std::string, std::string> Take() { return std::move(rows_); }

 private:
  const v1::OwnershipView& view_;
  std::map<std::string, std::string> rows_;
};

v1::WorklistReason ReasonOf(const v1::Commitment& commitment, bool broken) {
  switch (commitment.kind()) {
    case v1::COMMITMENT_KIND_PROMISE:
      return broken ? v1::WORKLIST_REASON_PROMISE_BROKEN : v1::WORKLIST_REASON_PROMISE_OPEN;
    case v1::COMMITMENT_KIND_NEXT_UPDATE:
      return broken ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_NEXT_UPDATE;
    case v1::COMMITMENT_KIND_REPLY:  // open: as what the customer said
      return broken ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_UNSPECIFIED;
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
  auto item = rows.Item(reason, commitment.text());
  *item.mutable_due() = commitment.due();
  *item.mutable_since() = open ? one.made_at() : one.settled_at();
  item.set_commitment_id(commitment.commitment_id());
  if (commitment.kind() == v1::COMMITMENT_KIND_PROMISE) item.set_promise_id(commitment.commitment_id());
  rows.Add(commitment.owed_by().empty() ? view.owner() : commitment.owed_by(), item, commitment.commitment_id());
}

// What the customer said, as one thing until it is answered, whatever becomes of the reply that is owed for it.
void AddUnanswered(Rows& rows, const v1::OwnershipView& view) {
  if (!view.has_unanswered()) return;
  const auto& waits = view.unanswered();
  auto item = rows.Item(v1::WORKLIST_REASON_CUSTOMER_WAITS,
                        waits.count() == 1 ? "The customer said something: answer or acknowledge it."
                                           : absl::StrCat("The customer said something, ", waits.count(),
                                                          " times: answer or acknowledge it."));
  if (waits.has_due()) *item.mutable_due() = waits.due();
  *item.mutable_since() = waits.since();
  rows.Add(view.owner(), item, waits.interaction_id());
}

void AddClosing(Rows& rows, const v1::OwnershipView& view) {
  if (!view.closing_announced()) return;
  auto item = rows.Item(v1::WORKLIST_REASON_CLOSING_ANNOUNCED,
                        "The customer has not answered: tell them that the case will be closed.");
  *item.mutable_due() = view.closes_at();
  *item.mutable_since() = view.closing_announced_at();
  rows.Add(view.owner(), item, "");
}

// A next action from before there were commitments.
void AddOldNextAction(Rows& rows, const v1::OwnershipView& view) {
  if (!view.work_note().has_next_action() || !view.work_note().next_action_commitment_id().empty()) return;
  auto item = rows.Item(v1::WORKLIST_REASON_NEXT_ACTION, view.work_note().next_action());
  *item.mutable_due() = view.work_note().next_action_due();
  *item.mutable_since() = view.work_note().at();
  rows.Add(view.owner(), item, "");
}

std::string WhatToDo(v1::CaseStatus status) {
  return status == v1::CASE_STATUS_RESOLUTION_PROPOSED ? "Ask the customer whether the proposed resolution solves it."
                                                       : "Work on it until the customer confirms that it is solved.";
}

}  // namespace

std::map<std::string, std::string> WorklistRowsOf(const v1::OwnershipView& view) {
  Rows rows(view);
  for (const auto& one : view.commitments()) AddCommitment(rows, view, one);
  if (IsClosed(view.status())) return rows.Take();
  AddUnanswered(rows, view);
  AddClosing(rows, view);
  AddOldNextAction(rows, view);
  if (view.status() == v1::CASE_STATUS_RESOLVED_CONFIRMED) {
    auto item = rows.Item(v1::WORKLIST_REASON_CONFIRMED, "The customer confirmed: close the case.");
    *item.mutable_since() = view.resolution().confirmed_at();
    rows.Add(view.owner(), item, "");
  } else {
    auto item = rows.Item(v1::WORKLIST_REASON_OWNED, WhatToDo(view.status()));
    *item.mutable_since() = view.ownership_periods().rbegin()->since();
    rows.Add(view.owner(), item, "");
  }
  for (int i = 0; i < view.confirmations_requested_size(); ++i) {
    const std::string& notice_id = view.confirmations_requested(i);
    auto item = rows.Item(v1::WORKLIST_REASON_CONFIRMATION_REQUESTED,
                          "The notice is resolved: ask the customer whether it works for them.");
    item.set_notice_id(notice_id);
    *item.mutable_since() = view.confirmations_requested_at(i);
    rows.Add(view.owner(), item, notice_id);
  }
  if (view.has_handoff()) {
    auto item = rows.Item(v1::WORKLIST_REASON_HANDOFF_OFFERED, view.handoff().reason());
    *item.mutable_due() = view.handoff().expires_at();
    *item.mutable_since() = view.handoff().offered_at();
    item.set_handoff_id(view.handoff().handoff_id());
    rows.Add(view.handoff().to(), item, view.handoff().handoff_id());
  }
  return rows.Take();
}

}  // namespace throughline::ownership
