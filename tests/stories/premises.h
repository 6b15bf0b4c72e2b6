#pragma once

// Where a company works: `throughline up` on its embedded log, or, with THROUGHLINE_STORIES_ON=kafka, every service as
// processes of its own, two replicas each, on the Kafka cluster of tests/support/kafka_process.h. The stories do not
// know which.
//
// One thread.

#include <memory>
#include <string>

#include "absl/status/status.h"

#include "libs/client/client.h"

namespace throughline::stories {

class Premises {
 public:
  // As the environment says. UNAVAILABLE at Start: there is no Kafka on this machine.
  static std::unique_ptr<Premises> Choose();
  virtual ~Premises() = default;

  virtual bool needs_kafka() const = 0;
  // Until every service is ready; again after Kill, on the same data.
  virtual absl::Status Start() = 0;
  virtual void Kill() = 0;
  // Not OK if a process did not end by itself and well.
  virtual absl::Status Terminate() = 0;
  // `throughline verify`, once terminated.
  virtual absl::Status Verify() = 0;

  virtual client::Options OptionsFor(const std::string& person) const = 0;
  // A service's gauge, as on /metrics; -1 if it is not there.
  virtual double Number(const std::string& service, const std::string& gauge) const = 0;
};

}  // namespace throughline::stories
