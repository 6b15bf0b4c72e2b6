#pragma once

// Decides which traces are recorded, and sends their spans out of the process on a thread of its own ("spans").
//
//   Tracer tracer({.one_in = 100}, std::make_unique<OtlpExporter>(...), registry);
//   const TraceContext context = tracer.Begin(TraceContext::Parse(header));     // goes on as `traceparent`
//   ...
//   tracer.End({.service = "intake", .name = "OpenCase", .context = context, ...});
//
// A process without a tracer (a null pointer) records nothing, and passes on the context that it got. Whether a trace
// is recorded is decided where it begins; everybody after that follows (`sampled`).
//
// End never blocks and takes no lock: it is called on the thread that folds. The queue is bounded; a span that does not
// fit is dropped and counted. Any thread.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/tracing/exporter.h"
#include "libs/tracing/probe.h"

namespace throughline::tracing {

class Tracer {
 public:
  struct Options {
    int one_in = 1;       // one of so many traces that begin here is recorded
    size_t queue = 8192;  // spans that wait; more are dropped
    size_t batch = 512;   // spans that are sent together, at most
    absl::Duration every = absl::Milliseconds(200);
    absl::Duration patience = absl::Seconds(5);  // for a collector that is away; then a batch is dropped
    absl::Duration at_the_end = absl::Seconds(2);
  };

  // `registry` must outlive it.
  Tracer(const Options& options, std::unique_ptr<Exporter> exporter, prometheus::Registry& registry);
  // Sends what waits, within `at_the_end`.
  ~Tracer();

  // The context of a new span: below `parent`, or the root of a new trace.
  TraceContext Begin(const std::optional<TraceContext>& parent);
  // Takes the span if its trace is recorded.
  void End(Span span);

 private:
  struct Node {
    Span span;
    Node* next;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // All that waits, the oldest first.
  std::vector<Span> TakeAll();
  void Send(const std::vector<Span>& spans) ABSL_LOCKS_EXCLUDED(mutex_);
  // The time for the end is over.
  bool IsPast() ABSL_LOCKS_EXCLUDED(mutex_);
  // True: the tracer ends.
  bool Pause(absl::Duration time) ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  const std::unique_ptr<Exporter> exporter_;
  Probe probe_;
  std::atomic<Node*> newest_{nullptr};
  std::atomic<size_t> waiting_{0};
  absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time end_by_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  std::thread thread_;
};

}  // namespace throughline::tracing
