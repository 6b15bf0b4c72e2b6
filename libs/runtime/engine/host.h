#pragma once

// Runs a service in a process: opens its store, makes its engine, and drives it on a thread of its own. Answers are
// given on another, watches called on a third, and events published on a fourth: none of them holds up commands.

#include <thread>

#include <prometheus/registry.h>

#include "libs/runtime/engine/engine.h"
#include "libs/runtime/streams.h"
#include "libs/store/rocks/rocks_key_value.h"

namespace throughline::runtime {

// What a service's store must know of it; path and memory are left to their defaults.
store::RocksKeyValue::Options StoreOptionsOf(const Definition& definition);

class Host {
 public:
  struct Options {
    std::string store_path;
    std::function<absl::Status()> restore = nullptr;  // as RocksKeyValue::Options::restore
    std::shared_ptr<rocksdb::Cache> cache;            // shared by the stores of one process; null: one of its own
    size_t pending_bytes = size_t{16} << 20;  // of rows gathered before they are filed, see store/rocks_key_value.h
    Engine::Limits limits;
    log::EventFeed* feed = nullptr;     // must outlive the host; null: accepted events are published nowhere
    tracing::Tracer* tracer = nullptr;  // likewise; null: no spans
    // Called on the engine's thread when the service cannot go on; the process should stop.
    std::function<void(const absl::Status&)> on_failure;
  };

  // `log`, `assignment` (may be null), `clock` and `registry` must outlive the host. Starts folding at once.
  static absl::StatusOr<std::unique_ptr<Host>> Start(std::unique_ptr<Definition> definition, log::EventLog& log,
                                                     std::unique_ptr<log::PartitionAssignment> assignment,
                                                     const Clock& clock, prometheus::Registry& registry,
                                                     Options options);
  ~Host();

  // Stops the thread, and returns when everything under way is answered. Takes no more commands; reads go on. May be
  // called more than once.
  void Stop();

  Streams& streams() { return streams_; }
  store::RocksKeyValue& store() { return *store_; }
  // Names the layout of the store's rows: a store of another layout is of no use to this version.
  const std::string& layout() const { return layout_; }
  bool Ready() const { return engine_.Ready(); }
  FoldStatus fold_status() const;
  // Of all partitions, since the log's beginning.
  int64_t FoldedRecords() const;

 private:
  Host(std::unique_ptr<Definition> definition, std::unique_ptr<store::RocksKeyValue> store, log::EventLog& log,
       std::unique_ptr<log::PartitionAssignment> assignment, const Clock& clock, prometheus::Registry& registry,
       Options options);
  void Run();
  absl::StatusOr<bool> Step();
  void ShowGauges();
  void ShowCounters();
  // Keeps the lag metrics up to date while nobody else asks for the end of the log.
  void AskForLag();

  const std::unique_ptr<Definition> definition_;
  const std::string layout_;
  const std::unique_ptr<store::RocksKeyValue> store_;
  const Options options_;
  Probe probe_;
  ThreadExecutor answers_;
  ThreadExecutor watching_;
  const std::unique_ptr<ThreadExecutor> publishing_;  // null: there is no feed
  const std::unique_ptr<log::PartitionAssignment> assignment_;
  Engine engine_;
  Streams streams_;
  prometheus::Registry& registry_;
  std::vector<prometheus::Gauge*> gauges_;      // as in the definition; those of timers after the others
  std::vector<prometheus::Counter*> counters_;  // as in the definition; none before the service has caught up
  std::vector<prometheus::Family<prometheus::Gauge>*> labelled_;  // as in the definition
  absl::Time shown_ = absl::InfinitePast();
  absl::Time asked_ = absl::InfinitePast();
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> steps_{0};
  std::thread thread_;
};

}  // namespace throughline::runtime
