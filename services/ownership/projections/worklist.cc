#include "services/ownership/projections/worklist.h"

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
    item.set_text(std::move(text));
    return item;
  }

  void Add(const std::string& person, const v1::WorklistItem& item, const std::string& about) {
    const absl::Time due = item.has_due() ? runtime::FromProto(item.due()) : absl::InfiniteFuture();
    rows_[kWorklist.KeyOf(person, UrgencyOf(item.reason()), due, item.case_id(), about)] = store::EncodeRow(item);
  }

  std::map<std::string, std::string> Take() { return std::move(rows_); }

 private:
  const v1::OwnershipView& view_;
  std::map<std::string, std::string> rows_;
};

// Whether the promise was broken when the case was closed: whoever closed it knew.
bool WasKnownWhenClosed(const v1::OwnershipView& view, const v1::PromiseView& promise) {
  return IsClosed(view.status()) && runtime::FromProto(promise.due()) <= runtime::FromProto(view.closing().at());
}

void AddPromise(Rows& rows, const v1::OwnershipView& view, const v1::PromiseView& promise) {
  const bool broken = promise.status() == v1::PROMISE_STATUS_BROKEN;
  if (promise.status() == v1::PROMISE_STATUS_KEPT || (broken && WasKnownWhenClosed(view, promise))) return;
  auto item = rows.Item(broken ? v1::WORKLIST_REASON_PROMISE_BROKEN : v1::WORKLIST_REASON_PROMISE_OPEN, promise.text());
  *item.mutable_due() = promise.due();
  item.set_promise_id(promise.promise_id());
  rows.Add(view.owner(), item, promise.promise_id());
}

std::string WhatToDo(v1::CaseStatus status) {
  return status == v1::CASE_STATUS_RESOLUTION_PROPOSED ? "Ask the customer whether the proposed resolution solves it."
                                                       : "Work on it until the customer confirms that it is solved.";
}

}  // namespace

std::map<std::string, std::string> WorklistRowsOf(const v1::OwnershipView& view) {
  Rows rows(view);
  for (const auto& promise : view.promises()) AddPromise(rows, view, promise);
  if (IsClosed(view.status())) return rows.Take();
  if (view.status() == v1::CASE_STATUS_RESOLVED_CONFIRMED) {
    rows.Add(view.owner(), rows.Item(v1::WORKLIST_REASON_CONFIRMED, "The customer confirmed: close the case."), "");
  } else {
    rows.Add(view.owner(), rows.Item(v1::WORKLIST_REASON_OWNED, WhatToDo(view.status())), "");
  }
  for (const std::string& notice_id : view.confirmations_requested()) {
    auto item = rows.Item(v1::WORKLIST_REASON_CONFIRMATION_REQUESTED,
                          "The notice is resolved: ask the customer whether it works for them.");
    item.set_notice_id(notice_id);
    rows.Add(view.owner(), item, notice_id);
  }
  if (view.work_note().has_next_action()) {
    auto item = rows.Item(v1::WORKLIST_REASON_NEXT_ACTION, view.work_note().next_action());
    *item.mutable_due() = view.work_note().next_action_due();
    rows.Add(view.owner(), item, "");
  }
  if (view.has_handoff()) {
    auto item = rows.Item(v1::WORKLIST_REASON_HANDOFF_OFFERED, view.handoff().reason());
    *item.mutable_due() = view.handoff().expires_at();
    item.set_handoff_id(view.handoff().handoff_id());
    rows.Add(view.handoff().to(), item, view.handoff().handoff_id());
  }
  return rows.Take();
}

}  // namespace throughline::ownership
