#include "services/supplier-tracking/projections/order/order_timers.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/projection.h"
#include "services/supplier-tracking/domain/concerns/order_concerns.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

using Timers = std::map<std::string, absl::Time>;

Timers Needed(const v1::OrderState& state) {
  Timers timers;
  for (const auto& shipment : state.shipments()) {
    const bool unproven = FindConcern(state, v1::CONCERN_KIND_PROOF_MISSING, shipment.shipment()) != nullptr;
    if (shipment.delivery().has_proof_due() && !unproven) {
      timers[absl::StrCat(kProofTimer, shipment.shipment())] = runtime::FromProto(shipment.delivery().proof_due());
    }
    const auto is_open = [&](v1::ConcernKind kind) { return FindConcern(state, kind, shipment.shipment()) != nullptr; };
    if (shipment.has_receipt_due() && !is_open(v1::CONCERN_KIND_RECEIPT_MISSING)) {
      timers[absl::StrCat(kReceiptTimer, shipment.shipment())] = runtime::FromProto(shipment.receipt_due());
    }
    if (shipment.has_collect_by() && !is_open(v1::CONCERN_KIND_UNCLAIMED)) {
      timers[absl::StrCat(kCollectTimer, shipment.shipment())] = runtime::FromProto(shipment.collect_by());
    }
    const bool raised = FindConcern(state, v1::CONCERN_KIND_LEG_GAP, shipment.shipment()) != nullptr;
    if (!shipment.has_awaited_until() || raised) continue;
    timers[absl::StrCat(kLegTimer, shipment.shipment())] = runtime::FromProto(shipment.awaited_until());
  }
  return timers;
}

}  // namespace

void SetOrderTimers(const v1::OrderState& state, v1::OrderRow& row, store::Batch& batch) {
  const Timers needed = Needed(state);
  if (needed.empty() && row.timers().empty()) return;
  const std::string stream = absl::StrCat("order/", state.order_id());
  Timers had;
  for (const auto& timer : row.timers()) had[timer.name()] = runtime::FromProto(timer.due());
  for (const auto& [name, due] : had) {
    const auto still = needed.find(name);
    if (still == needed.end() || still->second != due) runtime::CancelTimer(batch, due, stream, name);
  }
  row.clear_timers();
  for (const auto& [name, due] : needed) {
    const auto before = had.find(name);
    if (before == had.end() || before->second != due) runtime::ScheduleTimer(batch, due, stream, name);
    v1::OrderRow::Timer& timer = *row.add_timers();
    timer.set_name(name);
    *timer.mutable_due() = runtime::ToProto(due);
  }
}

}  // namespace throughline::supplier
