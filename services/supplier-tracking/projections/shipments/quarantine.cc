#include "services/supplier-tracking/projections/shipments/quarantine.h"

#include <algorithm>

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/projection.h"
#include "services/supplier-tracking/domain/fingerprint.h"
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

std::vector<int64_t> PartOffsets(const v1::StatusQuarantined& message) {
  std::vector<int64_t> offsets;
  const auto step = static_cast<int64_t>(message.raw().size()), size = static_cast<int64_t>(message.raw_size());
  for (int64_t offset = step; step > 0 && offset < size; offset += step) offsets.push_back(offset);
  return offsets;
}

std::string QuarantinedBody(const store::KeyValue& reader, const std::string& shipment,
                            const v1::StatusQuarantined& message, size_t begin, size_t bytes) {
  std::string body;
  const auto add = [&](size_t offset, std::string_view part) {
    const size_t from = std::max(begin, offset), to = std::min(begin + bytes, offset + part.size());
    if (from < to) body.append(part.substr(from - offset, to - from));
  };
  add(0, message.raw());
  for (const int64_t offset : PartOffsets(message)) {
    const auto at = static_cast<size_t>(offset);
    if (at + message.raw().size() <= begin || at >= begin + bytes) continue;
    const auto part = kQuarantineParts.Get(reader, shipment, ShortId(message.fingerprint()), offset);
    if (!part) break;  // of a message that an older version has cut
    add(at, part->raw());
  }
  return body;
}

}  // namespace throughline::supplier
