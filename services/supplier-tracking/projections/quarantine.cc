#include "services/supplier-tracking/projections/quarantine.h"

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/projection.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr size_t kKeptRawBytes = 4096;

}  // namespace

void EnterQuarantine(store::Batch& batch, const std::string& shipment, const v1::StatusQuarantined& quarantined) {
  const v1::CarrierCode& code = quarantined.code();
  v1::QuarantineView view = kQuarantine.Get(batch, quarantined.carrier(), code.api_version(), code.type(), code.code())
                                .value_or(v1::QuarantineView());
  const absl::Time received = runtime::FromProto(quarantined.received_at());
  view.set_carrier(quarantined.carrier());
  *view.mutable_code() = code;
  view.set_count(view.count() + 1);
  if (!view.has_first_received_at() || received < runtime::FromProto(view.first_received_at())) {
    *view.mutable_first_received_at() = quarantined.received_at();
  }
  const std::string raw = quarantined.raw().substr(0, kKeptRawBytes);
  const auto last = std::make_tuple(runtime::FromProto(view.last_received_at()), view.last_shipment(), view.last_raw());
  if (!view.has_last_received_at() || std::make_tuple(received, shipment, raw) > last) {
    *view.mutable_last_received_at() = quarantined.received_at();
    view.set_last_shipment(shipment);
    view.set_last_raw(raw);
    view.set_reason(quarantined.reason());
  }
  kQuarantine.Put(batch, quarantined.carrier(), code.api_version(), code.type(), code.code(), view);
  runtime::Count(batch, kQuarantinedNow, 1);
}

void LeaveQuarantine(store::Batch& batch, const std::string& carrier, const v1::CarrierCode& code) {
  auto view = kQuarantine.Get(batch, carrier, code.api_version(), code.type(), code.code());
  if (!view || view->count() == 0) return;
  view->set_count(view->count() - 1);
  kQuarantine.Put(batch, carrier, code.api_version(), code.type(), code.code(), *view);
  runtime::Count(batch, kQuarantinedNow, -1);
}

}  // namespace throughline::supplier
