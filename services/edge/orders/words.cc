#include "services/edge/orders/words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "libs/runtime/domain/time.h"

namespace throughline::edge::orders {
namespace {

namespace v1 = supplier::v1;

constexpr size_t kAcronym = 4;  // the longest name that is one: UPS, USPS

}  // namespace

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone;
  return !name.empty() && absl::LoadTimeZone(name, &zone) ? zone : absl::UTCTimeZone();
}

std::string TimeText(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%A %-d %B %Y, %H:%M", time, zone);
}

std::string DayText(absl::Time time, absl::TimeZone zone) { return absl::FormatTime("%A %-d %B %Y", time, zone); }

std::string TimeStamp(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

std::string EtaText(const v1::Eta& eta, absl::TimeZone zone) {
  if (eta.has_date()) {
    absl::CivilDay day;
    if (absl::ParseCivilTime(eta.date(), &day)) {
      return DayText(absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
    }
  }
  const std::string latest = TimeText(runtime::FromProto(eta.latest()), zone);
  if (!eta.has_earliest()) return absl::StrCat("by ", latest);
  return absl::StrCat("between ", TimeText(runtime::FromProto(eta.earliest()), zone), " and ", latest);
}

std::string StatusText(v1::LineStatus status) {
  switch (status) {
    case v1::LINE_STATUS_ACKNOWLEDGED:
      return "being prepared";
    case v1::LINE_STATUS_BACKORDERED:
      return "not in stock";
    case v1::LINE_STATUS_REFUSED:
      return "we find another way";
    case v1::LINE_STATUS_SHORT_SHIPPED:
      return "not all of it can be sent";
    case v1::LINE_STATUS_SUBSTITUTE_OFFERED:
      return "something else can be sent, and we ask you";
    case v1::LINE_STATUS_DELAYED:
      return "sent later than planned";
    case v1::LINE_STATUS_DISPATCHED:
      return "sent";
    case v1::LINE_STATUS_DELIVERED:
      return "delivered";
    case v1::LINE_STATUS_READY_FOR_COLLECTION:
      return "ready for you to collect";
    case v1::LINE_STATUS_COLLECTED:
      return "collected";
    case v1::LINE_STATUS_CANCELLED:
      return "cancelled";
    case v1::LINE_STATUS_RETURNING:
      return "on its way back";
    case v1::LINE_STATUS_RETURNED:
      return "returned";
    default:
      return "ordered";
  }
}

std::string StateText(v1::TrackingState state) {
  switch (state) {
    case v1::TRACKING_STATE_ANNOUNCED:
      return "announced to the carrier";
    case v1::TRACKING_STATE_PICKED_UP:
      return "with the carrier";
    case v1::TRACKING_STATE_IN_TRANSIT:
      return "on its way";
    case v1::TRACKING_STATE_HANDED_OVER:
      return "handed to the next carrier";
    case v1::TRACKING_STATE_OUT_FOR_DELIVERY:
      return "out for delivery";
    case v1::TRACKING_STATE_READY_FOR_PICKUP:
      return "ready to be collected";
    case v1::TRACKING_STATE_ATTEMPTED:
      return "not delivered: the carrier tries again";
    case v1::TRACKING_STATE_ON_HOLD:
      return "held up";
    case v1::TRACKING_STATE_DELIVERED:
      return "delivered";
    case v1::TRACKING_STATE_RETURNING:
      return "on its way back";
    case v1::TRACKING_STATE_RETURNED:
      return "back with us";
    case v1::TRACKING_STATE_LOST_OR_DAMAGED:
      return "lost or damaged";
    case v1::TRACKING_STATE_CANCELLED:
      return "cancelled";
    default:
      return "nothing heard yet";
  }
}

std::string CarrierText(const std::string& id) {
  if (id == "fedex") return "FedEx";
  std::vector<std::string> words = absl::StrSplit(id, '-');
  for (std::string& word : words) {
    if (word.size() <= kAcronym) {
      absl::AsciiStrToUpper(&word);
    } else {
      word[0] = absl::ascii_toupper(static_cast<unsigned char>(word[0]));
    }
  }
  return absl::StrJoin(words, " ");
}

}  // namespace throughline::edge::orders
