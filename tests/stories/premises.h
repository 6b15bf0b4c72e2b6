#pragma once

// Where the company's suite runs: `throughline up` on its embedded log; or, with THROUGHLINE_STORIES_ON=kafka, two
// replica processes of every service on the Kafka cluster of tests/support/kafka/kafka_process.h. The stories are the
// same.
//
// One thread.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "libs/client/client.h"

namespace throughline::stories {

// A store of ours; UPS calls it "Hearth & Home, Main Street".
inline constexpr char kOurStore[] = "store-7";

class Premises {
 public:
  // Chosen by the environment. Start returns UNAVAILABLE if there is no Kafka on this machine.
  static std::unique_ptr<Premises> Choose();
  virtual ~Premises() = default;

  virtual bool needs_kafka() const = 0;
  // Returns when every service is ready. After Kill it starts again on the same data.
  // `ownership_flags`: settings of ownership's rules, `--name` and value; the same at each start.
  virtual absl::Status Start(const std::vector<std::string>& ownership_flags) = 0;
  virtual void Kill() = 0;
  // Deletes everything that follows from the log; call it after Kill. The next start replays the log.
  virtual void LoseStores() = 0;
  // Not OK if a process did not end cleanly by itself.
  virtual absl::Status Terminate() = 0;
  // Runs `throughline verify`; call it after Terminate.
  virtual absl::Status Verify() = 0;
  // Whether nothing that anybody said stands in the processes' log lines (log_lines.h); call it after Terminate.
  virtual absl::Status LogIsDiscreet() { return absl::OkStatus(); }

  virtual client::Options OptionsFor(const std::string& person) const = 0;
  // A service's gauge, from /metrics; -1: it is missing.
  virtual double Number(const std::string& service, const std::string& gauge) const = 0;
};

}  // namespace throughline::stories
