// Carriers::CompleteTime and Carriers::CompleteEta.

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/carrier_time.h"
#include "services/supplier-tracking/carriers/place_zone.h"

namespace throughline::supplier {
namespace {

// How much a given instant may differ from the one computed from local time and offset.
constexpr absl::Duration kSlack = absl::Minutes(2);

absl::Time NoonOf(absl::CivilDay day) {
  return absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), 12, 0, 0), absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<v1::CarrierTime> Carriers::CompleteTime(const v1::CarrierTime& given, const v1::Place& place,
                                                       const std::string& field) {
  if (given.local_time().empty() && !given.has_instant()) {
    return runtime::BadField(field, "has no time: give `local_time` with `offset_minutes`, or `instant`");
  }
  TimeEvidence evidence;
  if (given.has_instant()) {
    const absl::Time instant = runtime::FromProto(given.instant());
    evidence.gmt = absl::ToCivilSecond(instant, absl::UTCTimeZone());
  }
  if (!given.local_time().empty()) {
    const std::optional<IsoTime> local = ParseIso(given.local_time());
    if (!local || local->evidence.offset_minutes) {
      return runtime::BadField(absl::StrCat(field, ".local_time"),
                               "is not a local time: write 2026-03-01T14:05:00, or only the date, without an offset");
    }
    evidence.local = local->evidence.local;
    evidence.day = local->evidence.day;
  }
  if (given.has_offset_minutes()) {
    if (given.offset_minutes() < -1080 || given.offset_minutes() > 1080) {
      return runtime::BadField(absl::StrCat(field, ".offset_minutes"),
                               "is not between -1080 and 1080: give minutes east of UTC");
    }
    if (evidence.day) {
      return runtime::BadField(absl::StrCat(field, ".offset_minutes"), "is given with a date: leave it out");
    }
    evidence.offset_minutes = given.offset_minutes();
  }
  // An instant written as UTC is no claim about the clocks at the place.
  if (evidence.gmt && evidence.local == evidence.gmt && evidence.offset_minutes == 0) {
    evidence.local.reset();
    evidence.offset_minutes.reset();
  }
  if (!evidence.local && !evidence.day && evidence.gmt && evidence.offset_minutes) {
    evidence.local = *evidence.gmt + int64_t{*evidence.offset_minutes} * 60;
  }
  absl::StatusOr<v1::CarrierTime> time = Resolve(given.carrier_text(), evidence, place);
  if (!time.ok()) return runtime::BadField(field, time.status().message());
  if (given.has_instant()) {
    const absl::Time said = runtime::FromProto(given.instant());
    const bool date = evidence.day.has_value();
    const auto local = evidence.local.value_or(absl::CivilSecond());
    const absl::Time found = absl::FromCivil(local - int64_t{time->offset_minutes()} * 60, absl::UTCTimeZone());
    if (date ? absl::AbsDuration(said - NoonOf(*evidence.day)) > absl::Hours(36)
             : evidence.local && absl::AbsDuration(said - found) > kSlack) {
      return runtime::BadField(absl::StrCat(field, ".instant"),
                               "differs from `local_time` minus the offset: give only what is certain");
    }
  }
  // The caller may know that the offset comes from an abbreviation, a place or an assumption.
  if (given.has_offset_minutes() && given.offset_source() != v1::OFFSET_SOURCE_UNSPECIFIED) {
    time->set_offset_source(given.offset_source());
  }
  time->set_uncertain(time->uncertain() || given.uncertain() || time->offset_source() == v1::OFFSET_SOURCE_ASSUMED);
  return time;
}

absl::StatusOr<v1::Eta> Carriers::CompleteEta(const v1::Eta& given, const std::string& field) {
  v1::Eta eta = given;
  if (!given.has_date()) {
    if (!given.has_latest()) return runtime::BadField(field, "has no time: give `latest` or `date`");
    eta.clear_zone();
  } else {
    const std::optional<IsoTime> date = ParseIso(given.date());
    if (!date || !date->evidence.day) {
      return runtime::BadField(absl::StrCat(field, ".date"), "is not a date between 2000 and 2099: write 2026-03-01");
    }
    if (!given.has_zone() || given.zone().empty()) eta.set_zone("UTC");
    const std::optional<absl::TimeZone> zone = ZoneByName(eta.zone());
    if (!zone) {
      return runtime::BadField(absl::StrCat(field, ".zone"),
                               "is not an IANA time zone that this machine knows: write America/New_York");
    }
    const absl::CivilSecond next(*date->evidence.day + 1);
    *eta.mutable_latest() = runtime::ToProto(absl::FromCivil(next, *zone) - absl::Seconds(1));
  }
  if (given.has_earliest() && runtime::FromProto(eta.earliest()) > runtime::FromProto(eta.latest())) {
    return runtime::BadField(absl::StrCat(field, ".earliest"), "is after `latest`: swap them");
  }
  return eta;
}

}  // namespace throughline::supplier
