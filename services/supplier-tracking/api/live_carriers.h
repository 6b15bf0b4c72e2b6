#pragma once

// The carriers' maps in use, which can be exchanged while the service runs. Any thread.

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "services/supplier-tracking/carriers/carrier_adapter.h"

namespace throughline::supplier {

class LiveCarriers {
 public:
  // `directory` as for Carriers::Load.
  LiveCarriers(std::shared_ptr<const Carriers> carriers, std::string directory)
      : directory_(std::move(directory)), carriers_(std::move(carriers)) {}

  std::shared_ptr<const Carriers> Get() const {
    absl::MutexLock lock(&mutex_);
    return carriers_;
  }

  // Reads the maps anew. Unless they are in order, the present ones stay; see Carriers::Load.
  absl::Status Reload() {
    absl::StatusOr<std::unique_ptr<Carriers>> fresh = Carriers::Load(directory_);
    if (!fresh.ok()) return fresh.status();
    absl::MutexLock lock(&mutex_);
    carriers_ = *std::move(fresh);
    return absl::OkStatus();
  }

 private:
  const std::string directory_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Carriers> carriers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::supplier
