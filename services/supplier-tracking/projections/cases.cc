#include "services/supplier-tracking/projections/cases.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/history/case_text.h"
#include "services/ownership/history/commitment_text.h"
#include "services/ownership/standing/standing.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/order/order_rows.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/projections/trace/trace.h"

namespace throughline::supplier {
namespace {

using CaseEvent = intake::v1::CaseEvent;
using OwnershipEvent = ownership::v1::OwnershipEvent;
using runtime::AcceptedCommit;
using runtime::FromProto;

constexpr int kCasesOfAnOrder = 100;
constexpr int kOwedInOrder = 10;  // of an open case

// Puts the case into the order's row. Only the newest kCasesOfAnOrder are kept, whenever they are folded.
void UpdateOrder(store::Batch& batch, const log::Position& position, const std::string& case_id,
                 const v1::CaseRow& known) {
  v1::OrderRow row = OrderRowOf(batch, known.order_id());
  auto& cases = *row.mutable_cases();
  auto about = absl::c_find_if(cases, [&](const auto& c) { return c.case_id() == case_id; });
  v1::OrderRow::Case& entry = about == cases.end() ? *cases.Add() : *about;
  entry.set_case_id(case_id);
  *entry.mutable_opened_at() = known.has_opened_at() ? known.opened_at() : known.started_opened_at();
  entry.set_owner(known.owner().empty() ? known.first_owner() : known.owner());
  entry.set_open(!known.closed());
  *entry.mutable_notices() = known.notices();
  auto& owed = *entry.mutable_owed();
  owed.Clear();
  if (entry.open()) owed = known.owed();
  if (entry.open() && !known.has_started_opened_at() && known.has_first_update_due()) {
    ownership::v1::Commitment& update = *owed.Add();
    update.set_kind(ownership::v1::COMMITMENT_KIND_NEXT_UPDATE);
    *update.mutable_due() = known.first_update_due();
  }
  std::stable_sort(owed.pointer_begin(), owed.pointer_end(),
                   [](const auto* a, const auto* b) { return FromProto(a->due()) < FromProto(b->due()); });
  if (owed.size() > kOwedInOrder) owed.DeleteSubrange(kOwedInOrder, owed.size() - kOwedInOrder);
  std::sort(cases.pointer_begin(), cases.pointer_end(), [](const auto* a, const auto* b) {
    return std::make_tuple(FromProto(a->opened_at()), std::string_view(a->case_id())) <
           std::make_tuple(FromProto(b->opened_at()), std::string_view(b->case_id()));
  });
  if (cases.size() > kCasesOfAnOrder) cases.DeleteSubrange(0, cases.size() - kCasesOfAnOrder);
  PutOrderRow(batch, known.order_id(), position, row);
}

void Link(const std::string& notice_id, const v1::LogPlace& place, v1::CaseRow& row) {
  if (absl::c_any_of(row.notices(), [&](const auto& link) { return link.notice_id() == notice_id; })) return;
  v1::NoticeLink& link = *row.add_notices();
  link.set_notice_id(notice_id);
  *link.mutable_place() = place;
}

void Unlink(const std::string& notice_id, v1::CaseRow& row) {
  auto& links = *row.mutable_notices();
  links.erase(std::remove_if(links.begin(), links.end(),
                             [&](const v1::NoticeLink& link) { return link.notice_id() == notice_id; }),
              links.end());
}

void ApplyCase(const AcceptedCommit& commit, size_t i, v1::CaseRow& row, store::Batch& batch) {
  const CaseEvent& event = commit.EventAt<CaseEvent>(i);
  v1::TraceRow trace = MakeTraceRow(commit, i, ownership::TextOf(event));
  trace.mutable_entry()->set_case_id(commit.stream.key);
  trace.set_customer_text(CustomerText(event));
  if (event.has_opened()) {
    row.set_order_id(event.opened().order_id());
    *row.mutable_opened_at() = runtime::ToProto(commit.time);
    row.set_first_owner(event.opened().owner());
    if (event.opened().has_next_update_due()) *row.mutable_first_update_due() = event.opened().next_update_due();
    for (const std::string& notice_id : event.opened().notice_ids()) Link(notice_id, PlaceOf(commit, i), row);
    trace.set_case_owner(event.opened().owner());
    trace.set_case_open(true);
  }
  if (event.has_linked_to_notice()) Link(event.linked_to_notice().notice_id(), PlaceOf(commit, i), row);
  if (event.has_unlinked_from_notice()) Unlink(event.unlinked_from_notice().notice_id(), row);
  if (!row.order_id().empty()) AddToTrace(batch, row.order_id(), trace, commit.position.offset);
}

// The commitment that the event is about, as it was made. Keeps those of the row that have not ended.
ownership::v1::Commitment FollowCommitments(const OwnershipEvent& event, v1::CaseRow& row) {
  using ownership::CommitmentChange;
  ownership::v1::Commitment about;
  auto& owed = *row.mutable_owed();
  for (const CommitmentChange& change : ownership::CommitmentsIn(event)) {
    about = change.commitment;
    const auto made = absl::c_find_if(
        owed, [&](const auto& one) { return one.commitment_id() == change.commitment.commitment_id(); });
    if (change.what == CommitmentChange::kMade) {
      *owed.Add() = about;
    } else if (made != owed.end()) {
      about = *made;
      if (change.what == CommitmentChange::kEnded) {
        owed.erase(made);
      } else if (change.commitment.has_due()) {
        *made->mutable_due() = change.commitment.due();
      }
    }
  }
  return about;
}

// The steady updates to a customer, unless one is missed: they would bury what happened to the order.
bool IsRoutine(const OwnershipEvent& event, const ownership::v1::Commitment& about) {
  using namespace ownership::v1;  // NOLINT: the values of an enum
  if (about.kind() != COMMITMENT_KIND_NEXT_UPDATE && about.kind() != COMMITMENT_KIND_REPLY) return false;
  return event.has_commitment_made() ||
         (event.has_commitment_settled() && event.commitment_settled().outcome() != COMMITMENT_OUTCOME_BROKEN);
}

void ApplyOwnership(const AcceptedCommit& commit, size_t i, v1::CaseRow& row, store::Batch& batch) {
  const OwnershipEvent& event = commit.EventAt<OwnershipEvent>(i);
  const ownership::v1::Commitment about = FollowCommitments(event, row);
  v1::TraceRow trace = MakeTraceRow(commit, i, ownership::TextOf(event, about));
  trace.mutable_entry()->set_case_id(commit.stream.key);
  trace.set_customer_text(CustomerText(event, about));
  if (event.has_started()) {
    row.set_order_id(event.started().order_id());
    *row.mutable_started_opened_at() = event.started().opened_at();
  }
  const ownership::StandingChange change = ownership::ChangeOf(event);
  const bool closed = change.status ? ownership::IsClosed(*change.status) : row.closed();
  if (change.owner) row.set_owner(*change.owner);
  if (event.has_started()) return;  // the opening tells it
  if (change.owner) trace.set_case_owner(*change.owner);
  if (closed != row.closed()) trace.set_case_open(!closed);
  row.set_closed(closed);
  const bool shown = !trace.entry().text().empty() && !IsRoutine(event, about);
  if (shown && !row.order_id().empty()) AddToTrace(batch, row.order_id(), trace, commit.position.offset);
}

}  // namespace

void CaseProjection::Apply(const AcceptedCommit& commit, store::Batch& batch) {
  const bool from_intake = commit.stream.kind == "case";
  if (!from_intake && commit.stream.kind != "ownership") return;
  // A case without an order has no row.
  const std::string& case_id = commit.stream.key;
  const bool opening = from_intake && commit.version == 1;
  if (opening && !commit.EventAt<CaseEvent>(0).opened().has_order_id()) return;
  v1::CaseRow row = kCases.Get(batch, case_id).value_or(v1::CaseRow());
  const std::string before = row.SerializeAsString();
  for (size_t i = 0; i < commit.events.size(); ++i) {
    from_intake ? ApplyCase(commit, i, row, batch) : ApplyOwnership(commit, i, row, batch);
  }
  if (row.order_id().empty() || row.SerializeAsString() == before) return;
  kCases.Put(batch, case_id, row);
  UpdateOrder(batch, commit.position, case_id, row);
}

}  // namespace throughline::supplier
