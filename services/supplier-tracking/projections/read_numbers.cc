// The epochs of a tracking number.

#include <algorithm>

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr absl::Duration kEarly = absl::Hours(72);          // scans may precede the order's announcement by this much
constexpr absl::Duration kSilence = absl::Hours(24 * 120);  // longer than any parcel travels
constexpr absl::Duration kUnclaimed = absl::Hours(24 * 30);

// Whether a shipment has the scan.
bool HasScan(const store::KeyValue& reader, const std::string& carrier, const std::string& number, int64_t epoch,
             const std::string& id) {
  bool found = false;
  kScans.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const v1::ScanRow&) {
        found = std::get<4>(key) == id;
        return !found;
      },
      carrier, number, epoch);
  return found;
}

}  // namespace

std::optional<uint32_t> EpochWith(const store::KeyValue& reader, const std::string& carrier, const std::string& number,
                                  const std::function<std::string(uint32_t epoch)>& fingerprint) {
  const auto row = kNumbers.Get(reader, carrier, number);
  if (!row) return std::nullopt;
  for (auto known = row->epochs().rbegin(); known != row->epochs().rend(); ++known) {
    if (HasScan(reader, carrier, number, known->epoch(), ShortId(fingerprint(known->epoch())))) return known->epoch();
  }
  return std::nullopt;
}

uint32_t EpochAt(const v1::NumberRow& number, absl::Time instant) {
  for (int i = number.epochs_size() - 1; i > 0; --i) {
    const v1::NumberRow::Epoch& epoch = number.epochs(i);
    if (!epoch.has_announced_at()) continue;
    const v1::NumberRow::Epoch& before = number.epochs(i - 1);
    absl::Time begins = runtime::FromProto(epoch.announced_at());
    // A parcel that turns round on its way goes on without an end: what came before its return was announced is the
    // way there.
    if (before.has_ended_at() || !epoch.return_leg()) begins -= kEarly;
    if (before.has_ended_at()) begins = std::max(begins, runtime::FromProto(before.ended_at()));
    if (instant > begins) return epoch.epoch();
  }
  return number.epochs().empty() ? 1 : number.epochs(0).epoch();
}

bool KnowsEpoch(const v1::NumberRow& number, uint32_t epoch) {
  return epoch == 1 || std::any_of(number.epochs().begin(), number.epochs().end(),
                                   [&](const auto& known) { return known.epoch() == epoch; });
}

NumberFacts FactsOf(const store::KeyValue& reader, const std::string& carrier, const std::string& number,
                    const std::string& order_id, absl::Time now, bool return_leg) {
  NumberFacts facts;
  const auto row = kNumbers.Get(reader, carrier, number);
  if (!row || row->epochs().empty()) return facts;
  for (auto epoch = row->epochs().rbegin(); epoch != row->epochs().rend(); ++epoch) {
    if (epoch->order_id() != order_id) continue;
    facts.epoch = return_leg && !epoch->return_leg() ? row->epochs().rbegin()->epoch() + 1 : epoch->epoch();
    return facts;
  }
  const v1::NumberRow::Epoch& last = *row->epochs().rbegin();
  const auto shipment = kShipments.Get(reader, carrier, number, last.epoch());
  const absl::Time scanned = shipment && shipment->has_state_since() ? runtime::FromProto(shipment->state_since())
                             : last.has_announced_at()               ? runtime::FromProto(last.announced_at())
                                                                     : now;
  const bool silent = now - scanned > kSilence;
  facts.epoch = last.epoch();
  if (last.order_id().empty()) {
    const bool forgotten = last.has_ended_at() && now - runtime::FromProto(last.ended_at()) > kUnclaimed;
    if (silent || forgotten) ++facts.epoch;
  } else if (silent || last.has_ended_at()) {
    ++facts.epoch;
  } else {
    facts.in_use_by = last.order_id();
  }
  return facts;
}

}  // namespace throughline::supplier
