#include "services/supplier-tracking/api/live_carriers.h"

#include <utility>

#include "services/supplier-tracking/api/replay.h"
#include "services/supplier-tracking/projections/shipments/mapped_codes.h"

namespace throughline::supplier {

std::shared_ptr<const Carriers> LiveCarriers::Get() const {
  absl::MutexLock lock(&mutex_);
  return carriers_;
}

void LiveCarriers::Put(std::shared_ptr<const Carriers> fresh) {
  {
    absl::MutexLock lock(&mutex_);
    carriers_ = fresh;
  }
  ReplayQuarantine(streams_, std::move(fresh), limits_);
}

absl::Status LiveCarriers::Reload() {
  absl::MutexLock reading(&reading_);
  absl::StatusOr<std::unique_ptr<Carriers>> fresh = Carriers::Load(directory_, MappedCodes(*streams_.View()));
  if (!fresh.ok()) return fresh.status();
  Put(*std::move(fresh));
  return absl::OkStatus();
}

void LiveCarriers::Refresh() {
  absl::MutexLock reading(&reading_);
  // Not the files: somebody may be changing them at this moment.
  Put(Get()->With(MappedCodes(*streams_.View())));
}

void LiveCarriers::Follow() {
  runtime::Watches::Handle watch = streams_.watches().Add(kMappedCodesChanged, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Refresh();
  });
  absl::MutexLock lock(&mutex_);
  watch_ = std::move(watch);
}

void LiveCarriers::Quarantined(const std::shared_ptr<const Carriers>& used) const {
  std::shared_ptr<const Carriers> present = Get();
  if (present != used) ReplayQuarantine(streams_, std::move(present), limits_);
}

}  // namespace throughline::supplier
