#include "services/process/rebuild/rebuild_monitor.h"

#include <filesystem>

#include <spdlog/spdlog.h>

#include "libs/store/rocks/replacement.h"
#include "services/process/rebuild/progress.h"

namespace throughline::process {
namespace {

constexpr absl::Duration kReadEvery = absl::Seconds(1), kTellEvery = absl::Seconds(30);

prometheus::Gauge& GaugeOf(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

RebuildMonitor::RebuildMonitor(prometheus::Registry& registry, std::string service, std::string store,
                               std::string layout)
    : service_(std::move(service)),
      store_(std::move(store)),
      layout_(std::move(layout)),
      running_(
          GaugeOf(registry, "throughline_rebuild_running",
                  "Whether a store is being built: beside the one that serves, or the service's own while it starts.")),
      records_(GaugeOf(registry, "throughline_rebuild_records",
                       "Records of the log that are folded into the store that is being built; 0: none is.")),
      of_(GaugeOf(registry, "throughline_rebuild_target_records",
                  "Records of the log that are to be folded into the store that is being built; 0: none is.")),
      left_(GaugeOf(
          registry, "throughline_rebuild_eta_seconds",
          "Time until the store that is being built is folded, at its present rate; 0: not known, or none is.")),
      complete_(
          GaugeOf(registry, "throughline_rebuild_complete_timestamp_seconds",
                  "When the store that waits to take the place of the one that serves was completed, as Unix time; "
                  "0: none waits.")) {}

void RebuildMonitor::Look(absl::Time now, const runtime::FoldStatus& status, int64_t folded) {
  if (now - looked_ < kReadEvery && now >= looked_) return;
  looked_ = now;
  std::optional<RebuildProgress> beside = ReadProgress(store::NextPath(store_));
  if (beside && !beside->Current(now)) beside.reset();
  const std::optional<RebuildProgress> own = OwnProgress(now, status, folded);
  const RebuildProgress shown = beside ? *beside : own.value_or(RebuildProgress());
  running_.Set(beside || own ? 1 : 0);
  records_.Set(static_cast<double>(shown.records));
  of_.Set(static_cast<double>(shown.of));
  left_.Set(shown.left < absl::InfiniteDuration() ? absl::ToDoubleSeconds(shown.left) : 0);
  Log(now, beside, own);
}

std::optional<RebuildProgress> RebuildMonitor::OwnProgress(absl::Time now, const runtime::FoldStatus& status,
                                                           int64_t folded) {
  if (status.caught_up || !status.records_left) return std::nullopt;
  if (folded_at_first_ < 0) {
    folded_at_first_ = folded;
    first_looked_ = now;
  }
  RebuildProgress progress{.records = folded, .of = folded + *status.records_left, .at = now};
  const double seconds = absl::ToDoubleSeconds(now - first_looked_);
  if (seconds > 0) progress.per_second = static_cast<double>(folded - folded_at_first_) / seconds;
  if (progress.per_second > 0) {
    progress.left = absl::Seconds(static_cast<double>(*status.records_left) / progress.per_second);
  }
  return progress;
}

void RebuildMonitor::Log(absl::Time now, const std::optional<RebuildProgress>& beside,
                         const std::optional<RebuildProgress>& own) {
  const std::optional<store::Rebuilt> rebuilt = store::ReadRebuilt(store_);
  complete_.Set(rebuilt ? absl::ToDoubleSeconds(rebuilt->built - absl::UnixEpoch()) : 0);
  const bool time = now - logged_ >= kTellEvery || now < logged_;
  if (beside && (!was_running_ || time)) {
    logged_ = now;
    spdlog::info("{}: a store is being built beside the one that serves: {}", service_, beside->ToText());
  }
  if (own && time) {
    logged_ = now;
    spdlog::info("{}: folds the log until it is ready: {}", service_, own->ToText());
  }
  if (was_running_ && !beside) {
    if (rebuilt) {
      spdlog::info("{}: the store beside the one that serves is complete: {} records, layout {}", service_,
                   rebuilt->records, rebuilt->layout);
    } else if (const std::string next = store::NextPath(store_); !std::filesystem::exists(next)) {
      spdlog::info("{}: the store that was built beside the one that serves was deleted", service_);
    } else {
      spdlog::warn(
          "{}: the building of a store beside the one that serves has ended before it was complete: `throughline "
          "rebuild` goes on with what is in {}, and --discard deletes it",
          service_, next);
    }
  }
  was_running_ = beside.has_value();
}

bool RebuildMonitor::FlushWanted() const { return store::TakeFlushRequest(store_); }

bool RebuildMonitor::Chosen() const { return store::IsChosen(store_, layout_); }

}  // namespace throughline::process
