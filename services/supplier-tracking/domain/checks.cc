#include "services/supplier-tracking/domain/checks.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/runtime/domain/time.h"

namespace throughline::supplier {
namespace {

absl::string_view View(std::string_view text) { return absl::string_view(text.data(), text.size()); }

template <typename Allowed>
bool Consists(std::string_view text, size_t max, const Allowed& allowed) {
  if (text.empty() || text.size() > max) return false;
  for (char c : text) {
    if (!allowed(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

}  // namespace

bool IsId(std::string_view text, size_t max) {
  return Consists(text, max,
                  [](unsigned char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; });
}

bool IsPartyId(std::string_view text) {
  return Consists(text, 64, [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '_' || c == '-';
  });
}

bool IsTrackingNumber(std::string_view text) {
  return Consists(text, 64,
                  [](unsigned char c) { return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '-'; });
}

void CheckPartyId(runtime::FieldViolations& bad, std::string_view field, std::string_view id) {
  if (IsPartyId(id)) return;
  bad.Add(View(field), id.empty()
                           ? "is empty: give the id, for instance `ups`"
                           : "is not the id of a carrier or vendor: use 1 to 64 of the characters a-z 0-9 . _ -");
}

void CheckNumber(runtime::FieldViolations& bad, std::string_view field, std::string_view number) {
  if (IsTrackingNumber(number)) return;
  bad.Add(View(field), number.empty() ? "is empty: give the carrier's tracking number"
                                      : "is not a tracking number: use 1 to 64 of the characters A-Z 0-9 -");
}

void RequireText(runtime::FieldViolations& bad, std::string_view field, std::string_view text) {
  if (absl::StripAsciiWhitespace(View(text)).empty()) bad.Add(View(field), "is empty: it is required");
}

void CheckEta(runtime::FieldViolations& bad, std::string_view field, const v1::Eta& eta) {
  const absl::Time latest = runtime::FromProto(eta.latest());
  if (!eta.has_latest()) {
    bad.Add(View(field), "has no time: give `latest`, or `date` and, if known, `zone`");
  } else if (eta.has_earliest() && runtime::FromProto(eta.earliest()) > latest) {
    bad.Add(View(field), "has `earliest` after `latest`: swap them");
  }
}

absl::Status CheckCarrierTime(const google::protobuf::Timestamp& time, absl::Time now) {
  // Clocks of carriers are wrong by hours, not by days.
  constexpr absl::Duration kAhead = absl::Hours(48);
  static const absl::Time kEarliest = absl::FromUnixSeconds(946684800);  // 2000
  const absl::Time instant = runtime::FromProto(time);
  if (instant < kEarliest) return runtime::BadField("event.time", "is before the year 2000: give the time of the scan");
  if (instant > now + kAhead) {
    return runtime::BadField("event.time", "is more than 48 hours in the future: give the time of the scan");
  }
  return absl::OkStatus();
}

std::string ShipmentKey(std::string_view carrier, std::string_view number, uint32_t epoch) {
  return absl::StrCat(View(carrier), "/", View(number), "/", epoch);
}

std::string ShipmentStream(std::string_view carrier, std::string_view number, uint32_t epoch) {
  return "shipment/" + ShipmentKey(carrier, number, epoch);
}

bool ParseShipmentStream(std::string_view stream, ShipmentName& name) {
  std::vector<std::string> parts = absl::StrSplit(View(stream), '/');
  if (parts.size() != 4 || parts[0] != "shipment" || !IsPartyId(parts[1]) || !IsTrackingNumber(parts[2]) ||
      !absl::SimpleAtoi(parts[3], &name.epoch) || name.epoch == 0) {
    return false;
  }
  name.carrier = std::move(parts[1]);
  name.number = std::move(parts[2]);
  return true;
}

}  // namespace throughline::supplier
