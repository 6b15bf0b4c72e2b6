#pragma once

// The carriers' maps in use: the files, and what administrators said of codes at run time (domain/carrier_codes.h).
// They are exchanged while the service runs; the quarantine is then read again. Any thread.
//
//   auto carriers = std::make_shared<LiveCarriers>(streams, config.carrier_maps, config.limits);
//   if (absl::Status status = carriers->Reload(); !status.ok()) ...
//   carriers->Follow();

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/streams.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/domain/shipment.h"

namespace throughline::supplier {

class LiveCarriers : public std::enable_shared_from_this<LiveCarriers> {
 public:
  // `directory` as for Carriers::Load. `streams` must outlive it.
  LiveCarriers(runtime::Streams& streams, std::string directory, const ShipmentLimits& limits)
      : streams_(streams), directory_(std::move(directory)), limits_(limits) {}

  // Not null after the first Reload that succeeded.
  std::shared_ptr<const Carriers> Get() const;

  // Reads the files anew, and then the quarantine. Unless they are in order, the present ones stay; see Carriers::Load.
  absl::Status Reload();

  // From now on, codes that get a meaning at run time have it here once they are folded.
  void Follow();

  // A message was quarantined by the maps that `used` has. If there are others by now, they may know it.
  void Quarantined(const std::shared_ptr<const Carriers>& used) const;

 private:
  // The same files with what is said of codes now.
  void Refresh();
  void Put(std::shared_ptr<const Carriers> fresh);

  runtime::Streams& streams_;
  const std::string directory_;
  const ShipmentLimits limits_;
  absl::Mutex reading_;  // so that the last one to begin is the last one to end
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(reading_);
  std::shared_ptr<const Carriers> carriers_ ABSL_GUARDED_BY(mutex_);
  runtime::Watches::Handle watch_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::supplier
