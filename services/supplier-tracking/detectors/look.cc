#include "services/supplier-tracking/detectors/look.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/detectors/detector_tables.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/domain/shipment_check.h"
#include "services/supplier-tracking/lanes/histogram.h"
#include "services/supplier-tracking/lanes/history_tables.h"

namespace throughline::supplier {
namespace {

constexpr int64_t kEnoughGaps = 100;  // before their 99th percentile says something
constexpr absl::Duration kLongestSilence = absl::Hours(24 * 14);

std::string Since(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone()); }

std::string Hours(absl::Duration time) { return absl::StrCat(absl::ToInt64Hours(time), " hours"); }

struct Limit {
  absl::Duration patience;
  std::string text;  // of the concern
};

Limit SilenceLimit(const std::string& stream, const ShipmentName& name, absl::Time since, const Patience& patience,
                   const store::KeyValue& reader) {
  const auto share = kShipmentShares.Get(reader, stream);
  const auto lane = share ? kLanes.Get(reader, name.carrier, share->reports().origin(), share->reports().destination())
                          : std::nullopt;
  const std::string silent = absl::StrCat("no scan since ", Since(since));
  if (!lane || CountOf(lane->gaps()) < kEnoughGaps) return {patience.silence, silent};
  const absl::Duration usual = QuantileOf(lane->gaps(), 0.99);
  return {std::min(usual * 1.5, kLongestSilence),
          absl::StrCat(silent, "; on this lane 99 in 100 scans come within ", Hours(usual))};
}

Limit LimitOf(v1::ConcernKind kind, const std::string& stream, const ShipmentName& name, absl::Time since,
              const Patience& patience, const store::KeyValue& reader) {
  const absl::Duration first_look = absl::ZeroDuration();  // the timer's own time is enough
  switch (kind) {
    case v1::CONCERN_KIND_NOT_PICKED_UP:
      return {patience.not_picked_up,
              absl::StrCat("announced to ", name.carrier, " at ", Since(since), ", and not picked up")};
    case v1::CONCERN_KIND_NOT_CLOSED:
      return {first_look, absl::StrCat("out for delivery since ", Since(since),
                                       ", and neither delivered nor tried by "
                                       "the evening")};
    case v1::CONCERN_KIND_UNCLAIMED:
      return {patience.unclaimed, absl::StrCat("ready for collection since ", Since(since), ", and not collected")};
    case v1::CONCERN_KIND_CUSTOMS_HOLD:
      return {patience.customs, absl::StrCat("held by customs since ", Since(since))};
    case v1::CONCERN_KIND_SUBSCRIPTION_EXPIRING:
      return {first_look, absl::StrCat(name.carrier, " stops to report about it at ",
                                       Since(since + SubscriptionOf(name.carrier)), ": subscribe again")};
    default:
      return SilenceLimit(stream, name, since, patience, reader);
  }
}

}  // namespace

void LookAtShipments::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
                           runtime::Reactions& reactions) {
  if (!absl::StartsWith(timer.name(), kLook)) return;
  const auto stream = runtime::StreamId::Parse(timer.stream());
  const auto row = kWatches.Get(reader, timer.stream());
  ShipmentName name;
  if (!stream || !row || !ParseShipmentStream(timer.stream(), name)) return;
  const absl::Time due = runtime::FromProto(timer.due());
  for (const auto& watched : row->timers()) {
    if (timer.name() != absl::StrCat(kLook, static_cast<int>(watched.kind()))) continue;
    if (absl::FromUnixMicros(watched.due()) != due) continue;
    const absl::Time since = absl::FromUnixMicros(watched.since());
    const Limit limit = LimitOf(watched.kind(), timer.stream(), name, since, patience_, reader);
    CheckShipment command;
    command.request.set_kind(watched.kind());
    *command.request.mutable_since() = runtime::ToProto(since);
    if (since + limit.patience > due) {
      *command.request.mutable_next_check() = runtime::ToProto(since + limit.patience);
    } else {
      command.request.set_text(limit.text);
    }
    reactions.Execute<Shipment>(*stream, std::move(command), timer.name());
  }
}

}  // namespace throughline::supplier
