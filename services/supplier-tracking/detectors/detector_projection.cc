#include "services/supplier-tracking/detectors/detector_projection.h"

#include <optional>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/detectors/detector_tables.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/domain/shipment_check.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/lanes/history_tables.h"

namespace throughline::supplier {
namespace {

std::string NameOf(const v1::WatchRow::Timer& timer) { return absl::StrCat(kLook, static_cast<int>(timer.kind())); }

bool Holds(const v1::WatchRow& row, const v1::WatchRow::Timer& timer) {
  return absl::c_any_of(row.timers(), [&](const auto& other) { return Same(other, timer); });
}

// The timers and what is raised, of what it waits for now.
v1::WatchRow Now(const std::string& carrier, const v1::ShipmentState& state, std::optional<absl::Time> announced_at) {
  v1::WatchRow row;
  for (const Wait& wait : WaitsOf(carrier, state, announced_at)) {
    const v1::ShipmentChecked* check = FindCheck(state, wait.kind);
    const bool checked = check != nullptr && runtime::FromProto(check->since()) == wait.since;
    if (checked && !check->has_next_check()) {
      *row.add_raised() = *check;
      continue;
    }
    v1::WatchRow::Timer& timer = *row.add_timers();
    timer.set_kind(wait.kind);
    timer.set_since(absl::ToUnixMicros(wait.since));
    timer.set_due(absl::ToUnixMicros(checked ? runtime::FromProto(check->next_check()) : wait.first_look));
  }
  // By kind, so that what was raised once does not depend on anything else.
  for (const v1::ShipmentChecked& check : state.checks()) {
    const bool still = absl::c_any_of(row.raised(), [&](const auto& raised) { return raised.kind() == check.kind(); });
    if (!still) row.add_ended(check.kind());
  }
  return row;
}

}  // namespace

void DetectorProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  ShipmentName name;
  if (commit.stream.kind != Shipment::kKind) return;
  const std::string stream = commit.stream.ToString();
  if (!ParseShipmentStream(stream, name)) return;
  std::optional<absl::Time> announced_at;
  const auto share = kShipmentShares.Get(batch, stream);
  if (share && share->reports().has_announced_at()) {
    announced_at = absl::FromUnixMicros(share->reports().announced_at());
  }
  const v1::WatchRow before = kWatches.Get(batch, stream).value_or(v1::WatchRow());
  v1::WatchRow after = Now(name.carrier, commit.StateOf<Shipment>(), announced_at);
  // The reason of what was raised stands in the event.
  for (v1::ShipmentChecked& raised : *after.mutable_raised()) {
    for (const v1::ShipmentChecked& known : before.raised()) {
      if (known.kind() == raised.kind()) raised.set_text(known.text());
    }
    for (size_t i = 0; i < commit.events.size(); ++i) {
      const v1::ShipmentChecked& checked = commit.EventAt<v1::ShipmentEvent>(i).checked();
      if (checked.kind() == raised.kind()) raised.set_text(checked.text());
    }
  }
  for (const auto& timer : before.timers()) {
    if (!Holds(after, timer)) {
      runtime::CancelTimer(batch, absl::FromUnixMicros(timer.due()), stream, NameOf(timer));
    }
  }
  for (const auto& timer : after.timers()) {
    if (!Holds(before, timer)) {
      runtime::ScheduleTimer(batch, absl::FromUnixMicros(timer.due()), stream, NameOf(timer));
    }
  }
  if (Same(before, after)) return;
  if (after.ByteSizeLong() == 0) {
    kWatches.Delete(batch, stream);
  } else {
    kWatches.Put(batch, stream, after);
  }
}

}  // namespace throughline::supplier
