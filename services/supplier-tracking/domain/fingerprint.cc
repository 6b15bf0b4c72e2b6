#include "services/supplier-tracking/domain/fingerprint.h"

#include "absl/strings/ascii.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "libs/store/key.h"

namespace throughline::supplier {
namespace {

uint64_t BigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(i < bytes.size() ? bytes[i] : 0);
  return number;
}

void Append(std::string& bytes, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift & 255));
}

// Whether a local time is only a day: `2026-03-01`.
bool IsDate(std::string_view local_time) { return local_time.size() == 10; }

// A parcel can be scanned alike in two towns on one day.
std::string TownOf(const v1::Place* place) { return place == nullptr ? "" : absl::AsciiStrToLower(place->city()); }

}  // namespace

std::string Fingerprint(const Reported& reported) {
  std::string bytes;
  bytes.reserve(192);
  store::AppendKey(bytes, reported.carrier);
  store::AppendKey(bytes, reported.number);
  store::AppendKey(bytes, static_cast<int64_t>(reported.epoch));
  if (reported.code != nullptr) {
    store::AppendKey(bytes, int64_t{1});
    store::AppendKey(bytes, std::string_view(reported.code->api_version()));
    store::AppendKey(bytes, std::string_view(reported.code->type()));
    store::AppendKey(bytes, std::string_view(reported.code->code()));
  } else {
    store::AppendKey(bytes, int64_t{2});
    store::AppendKey(bytes, static_cast<int64_t>(reported.state));
    store::AppendKey(bytes, static_cast<int64_t>(reported.reason));
  }
  const v1::CarrierTime& time = *reported.time;
  // An offset that follows from the place is no part of what the carrier said: told again with the place, the local
  // time is still the same.
  const bool inferred =
      time.offset_source() == v1::OFFSET_SOURCE_PLACE || time.offset_source() == v1::OFFSET_SOURCE_ASSUMED;
  if (inferred && !time.local_time().empty()) {
    store::AppendKey(bytes, int64_t{1});
    store::AppendKey(bytes, std::string_view(time.local_time()));
    if (IsDate(time.local_time())) store::AppendKey(bytes, TownOf(reported.place));
  } else {
    store::AppendKey(bytes, int64_t{2});
    store::AppendKey(bytes, runtime::FromProto(time.instant()));
  }
  if (!reported.correction_of.empty()) store::AppendKey(bytes, reported.correction_of);
  // Also at the very instant at which the carrier says that it is ready.
  if (!reported.store_receipt.empty()) {
    store::AppendKey(bytes, int64_t{3});
    store::AppendKey(bytes, reported.store_receipt);
  }
  return crypto::Sha256(bytes);
}

uint64_t PlaceHash(const v1::Place& place) {
  std::string bytes;
  for (const std::string* part :
       {&place.facility(), &place.city(), &place.region(), &place.postal_code(), &place.country()}) {
    store::AppendKey(bytes, absl::AsciiStrToLower(*part));
  }
  const bool nowhere = place.facility().empty() && place.city().empty() && place.region().empty() &&
                       place.postal_code().empty() && place.country().empty();
  return nowhere ? 0 : TextHash("place " + bytes);
}

uint64_t TextHash(std::string_view text) {
  if (text.empty()) return 0;
  return BigEndian(crypto::Sha256(std::string(text)));
}

std::string ShortId(const v1::ShipmentState::Scan& scan) {
  std::string id;
  Append(id, scan.id_high());
  Append(id, scan.id_low());
  return id;
}

void SetId(v1::ShipmentState::Scan& scan, std::string_view fingerprint) {
  scan.set_id_high(BigEndian(fingerprint.substr(0, 8)));
  scan.set_id_low(BigEndian(fingerprint.size() > 8 ? fingerprint.substr(8, 8) : std::string_view()));
}

}  // namespace throughline::supplier
