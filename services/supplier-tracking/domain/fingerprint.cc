#include "services/supplier-tracking/domain/fingerprint.h"

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
  store::AppendKey(bytes, runtime::FromProto(reported.time->instant()));
  const v1::Place& place = reported.place != nullptr ? *reported.place : v1::Place::default_instance();
  for (const std::string* part :
       {&place.facility(), &place.city(), &place.region(), &place.postal_code(), &place.country()}) {
    store::AppendKey(bytes, std::string_view(*part));
  }
  if (!reported.correction_of.empty()) store::AppendKey(bytes, reported.correction_of);
  return crypto::Sha256(bytes);
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
