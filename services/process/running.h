#pragma once

// What run.h needs of the work that it runs in the foreground.

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/server/operations/operations_port.h"

namespace throughline::process {

// Called once, on any thread, when the work cannot continue.
using OnFailure = std::function<void(const absl::Status&)>;

// UpdateHealth and Stop: one thread each. The rest: any thread.
class Running {
 public:
  virtual ~Running() = default;

  // Updates what `health` tells. Returns true once all is ready. Called several times a second.
  virtual bool UpdateHealth() = 0;
  virtual server::Health health() const = 0;
  // Why it cannot continue, for the probes.
  virtual void Fail(const absl::Status& why) = 0;
  // Whether it is to be stopped, and started again in this process. The thread of UpdateHealth.
  virtual bool WantsRestart() const { return false; }
  // Drains: gives what is in flight this much time. Called once.
  virtual void Stop(absl::Duration grace) = 0;
};

}  // namespace throughline::process
