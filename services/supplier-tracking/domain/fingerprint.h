#pragma once

// The identity of a carrier's report: SHA-256 over carrier, number, epoch, code, moment and, for a correction, what it
// corrects. The moment is the instant; or local time, where its offset follows from the place or is assumed; or the day
// and the town, where only the day is known. Text, place, flags and the meaning of the code are left out, so that a
// report is recognised when it is told again with more detail. Components are encoded so that no two lists of them give
// the same bytes (libs/store/key.h). Pure functions; any thread.

#include <string>
#include <string_view>

#include "throughline/supplier/v1/shipment.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

struct Reported {
  std::string_view carrier;
  std::string_view number;
  uint32_t epoch = 0;
  const v1::CarrierCode* code = nullptr;                        // null: reported as a state, not as a code
  v1::TrackingState state = v1::TRACKING_STATE_UNSPECIFIED;     // without a code
  v1::TrackingReason reason = v1::TRACKING_REASON_UNSPECIFIED;  // without a code
  const v1::CarrierTime* time = nullptr;
  const v1::Place* place = nullptr;     // may be null
  std::string_view correction_of;       // empty: none
  std::string_view store_receipt = {};  // the store of ours whose receipt it is; empty: it is none
};

// 32 bytes.
std::string Fingerprint(const Reported& reported);

// The first 8 bytes of a text's SHA-256; 0 for an empty one.
uint64_t TextHash(std::string_view text);

// The same for a place in any case; 0 for an empty one.
uint64_t PlaceHash(const v1::Place& place);

// The first 16 bytes of a fingerprint, which is what ShipmentState keeps.
inline std::string ShortId(std::string_view fingerprint) { return std::string(fingerprint.substr(0, 16)); }
std::string ShortId(const v1::ShipmentState::Scan& scan);
void SetId(v1::ShipmentState::Scan& scan, std::string_view fingerprint);

}  // namespace throughline::supplier
