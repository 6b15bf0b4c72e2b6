#pragma once

// Runs a service in a process: opens its store, makes its engine, and drives it on a thread of its own.

#include <thread>

#include <prometheus/registry.h>

#include "libs/runtime/engine.h"
#include "libs/runtime/streams.h"
#include "libs/store/rocks_key_value.h"

namespace throughline::runtime {

class Host {
 public:
  struct Options {
    std::string store_path;
    std::shared_ptr<rocksdb::Cache> cache;  // shared by the stores of one process; null: one of its own
    Engine::Limits limits;
    // Called on the engine's thread when the service cannot go on; the process should stop.
    std::function<void(const absl::Status&)> on_failure;
  };

  // `log`, `duty` (may be null), `clock` and `registry` must outlive the host. Starts folding at once.
  static absl::StatusOr<std::unique_ptr<Host>> Start(std::unique_ptr<Definition> definition, log::EventLog& log,
                                                     std::unique_ptr<log::Duty> duty, const Clock& clock,
                                                     prometheus::Registry& registry, Options options);
  ~Host();

  // Answers what is under way and stops the thread; nothing is taken afterwards, reads go on. Once or more.
  void Stop();

  Streams& streams() { return streams_; }
  const store::RocksKeyValue& store() const { return *store_; }
  bool Ready() const { return engine_.Ready(); }

 private:
  Host(std::unique_ptr<Definition> definition, std::unique_ptr<store::RocksKeyValue> store, log::EventLog& log,
       std::unique_ptr<log::Duty> duty, const Clock& clock, prometheus::Registry& registry, Options options);
  void Run();
  void ShowGauges();

  const std::unique_ptr<Definition> definition_;
  const std::unique_ptr<store::RocksKeyValue> store_;
  const std::unique_ptr<log::Duty> duty_;
  const Options options_;
  Probe probe_;
  Engine engine_;
  Streams streams_;
  std::vector<prometheus::Gauge*> gauges_;  // as in the definition
  absl::Time shown_ = absl::InfinitePast();
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace throughline::runtime
