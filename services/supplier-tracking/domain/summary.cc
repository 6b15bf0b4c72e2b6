#include "services/supplier-tracking/domain/summary.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "absl/container/inlined_vector.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/fingerprint.h"

namespace throughline::supplier {
namespace {

using Scan = v1::ShipmentState::Scan;

// Orders the states of scans of the same instant.
int Rank(v1::TrackingState state) {
  switch (state) {
    case v1::TRACKING_STATE_ANNOUNCED:
      return 1;
    case v1::TRACKING_STATE_PICKED_UP:
      return 2;
    case v1::TRACKING_STATE_IN_TRANSIT:
      return 3;
    case v1::TRACKING_STATE_HANDED_OVER:
      return 4;
    case v1::TRACKING_STATE_ON_HOLD:
      return 5;
    case v1::TRACKING_STATE_OUT_FOR_DELIVERY:
      return 6;
    case v1::TRACKING_STATE_READY_FOR_PICKUP:
      return 7;
    case v1::TRACKING_STATE_ATTEMPTED:
      return 8;
    case v1::TRACKING_STATE_RETURNING:
      return 9;
    case v1::TRACKING_STATE_CANCELLED:
      return 10;
    case v1::TRACKING_STATE_LOST_OR_DAMAGED:
      return 11;
    case v1::TRACKING_STATE_RETURNED:
      return 12;
    case v1::TRACKING_STATE_DELIVERED:
      return 13;
    default:
      return 0;  // UNKNOWN
  }
}

// Rule 4 of summary.h.
bool Later(const Scan& a, const Scan& b) {
  const auto key = [](const Scan& scan) {
    const int rank = Rank(scan.state());
    return std::make_tuple(rank > 0, scan.instant(), rank, scan.id_high(), scan.id_low());
  };
  return key(a) > key(b);
}

// The first receipt scan of each store, by time.
template <typename Counts>
void SetReceipts(v1::ShipmentState& state, const Counts& counts) {
  state.clear_store_receipts();
  for (const Scan& scan : state.scans()) {
    if (scan.receipt_store().empty() || !counts(scan)) continue;
    const bool known = std::any_of(state.store_receipts().begin(), state.store_receipts().end(),
                                   [&](const auto& receipt) { return receipt.store() == scan.receipt_store(); });
    if (known) continue;
    v1::StoreReceipt& receipt = *state.add_store_receipts();
    receipt.set_store(scan.receipt_store());
    *receipt.mutable_at() = runtime::ToProto(absl::FromUnixMicros(scan.instant()));
  }
}

}  // namespace

uint32_t FlagBits(const google::protobuf::RepeatedField<int>& flags) {
  uint32_t bits = 0;
  for (int flag : flags) {
    if (flag > 0 && flag < 32) bits |= uint32_t{1} << flag;
  }
  return bits;
}

void SetFlags(uint32_t bits, google::protobuf::RepeatedField<int>& flags) {
  flags.Clear();
  for (int flag = 1; flag < 32; ++flag) {
    if (bits >> flag & 1) flags.Add(flag);
  }
}

bool IsOver(v1::TrackingState state) {
  return state == v1::TRACKING_STATE_DELIVERED || state == v1::TRACKING_STATE_RETURNED ||
         state == v1::TRACKING_STATE_LOST_OR_DAMAGED || state == v1::TRACKING_STATE_CANCELLED;
}

void Summarize(v1::ShipmentState& state) {
  absl::InlinedVector<const std::string*, 4> corrected;
  for (const Scan& scan : state.scans()) {
    if (!scan.corrects().empty() && scan.corrects() != ShortId(scan)) corrected.push_back(&scan.corrects());
  }
  const auto counts = [&](const Scan& scan) {
    if (corrected.empty()) return true;
    const std::string id = ShortId(scan);
    for (const std::string* named : corrected) {
      if (*named == id) return false;
    }
    return true;
  };
  absl::InlinedVector<uint64_t, 2> received;  // the stores with a receipt scan
  for (const Scan& scan : state.scans()) {
    if (scan.store_receipt() && counts(scan)) received.push_back(scan.store());
  }
  SetReceipts(state, counts);
  bool denied = false;
  int64_t denied_at = 0;
  const auto denied_by_the_store = [&](const Scan& scan) {
    return scan.state() == v1::TRACKING_STATE_READY_FOR_PICKUP && scan.store() != 0 && !scan.store_receipt() &&
           std::find(received.begin(), received.end(), scan.store()) == received.end();
  };
  const Scan* last = nullptr;
  const Scan* arrived = nullptr;
  bool arrived_back = false;
  const Scan* handed_over = nullptr;
  bool returning = state.return_leg();
  for (const Scan& scan : state.scans()) {  // by instant, then fingerprint
    if (!counts(scan)) continue;
    if (denied_by_the_store(scan)) {
      denied = true;
      denied_at = scan.instant();
      continue;
    }
    if (last == nullptr || Later(scan, *last)) last = &scan;
    if (scan.has_handed_to() && (handed_over == nullptr || Later(scan, *handed_over))) handed_over = &scan;
    const bool delivered = scan.state() == v1::TRACKING_STATE_DELIVERED;
    const bool returned = scan.state() == v1::TRACKING_STATE_RETURNED;
    if (arrived == nullptr && (delivered || returned)) {
      arrived = &scan;
      arrived_back = returned || returning;
    }
    returning |= returned || scan.state() == v1::TRACKING_STATE_RETURNING;
  }
  state.clear_handed_to();
  if (handed_over != nullptr) *state.mutable_handed_to() = handed_over->handed_to();
  // Once it is over, what was said before about a store is of no interest.
  const bool conflicting = !state.conflicts().empty() || (denied && arrived == nullptr);
  uint32_t flags = conflicting ? uint32_t{1} << v1::TRACKING_FLAG_CONFLICTING : 0;
  const Scan* says = arrived != nullptr ? arrived : last;
  if (says == nullptr) {
    state.clear_state();
    state.clear_reason();
    state.clear_state_since();
  } else {
    state.set_state(arrived == nullptr ? says->state()
                    : arrived_back     ? v1::TRACKING_STATE_RETURNED
                                       : v1::TRACKING_STATE_DELIVERED);
    state.set_reason(says->reason());
    *state.mutable_state_since() = runtime::ToProto(absl::FromUnixMicros(says->instant()));
    flags |= says->flags();
  }
  SetFlags(flags, *state.mutable_flags());
  state.clear_proof();
  const bool delivered = arrived != nullptr && !arrived_back;
  if (delivered && arrived->has_proof()) *state.mutable_proof() = arrived->proof();
  // What is clear and later than a contradictory message settles it.
  const bool unclear = state.latest_conflict() != 0 && arrived == nullptr &&
                       (last == nullptr || last->instant() <= state.latest_conflict());
  const bool denied_now = denied && arrived == nullptr;
  state.set_ready_without_receipt(denied_now);
  state.clear_contradicted_at();
  if (!denied_now && !unclear) return;
  const int64_t at = denied_now ? denied_at : state.latest_conflict();
  *state.mutable_contradicted_at() = runtime::ToProto(absl::FromUnixMicros(at));
}

}  // namespace throughline::supplier
