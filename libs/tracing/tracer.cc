#include "libs/tracing/tracer.h"

#include <algorithm>
#include <iterator>
#include <pthread.h>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/logging/line.h"

namespace throughline::tracing {
namespace {

constexpr absl::Duration kBetweenTries = absl::Milliseconds(500);

// By the trace's id, so that the choice is the same wherever it is made.
bool IsChosen(const std::string& trace_id, int one_in) {
  uint64_t number = 0;
  return absl::SimpleHexAtoi(trace_id.substr(16), &number) && number % static_cast<uint64_t>(one_in) == 0;
}

bool MayBeSentAgain(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

}  // namespace

Tracer::Tracer(const Options& options, std::unique_ptr<Exporter> exporter, prometheus::Registry& registry)
    : options_(options), exporter_(std::move(exporter)), probe_(registry), thread_([this] { Run(); }) {}

Tracer::~Tracer() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    end_by_ = absl::Now() + options_.at_the_end;
  }
  thread_.join();
  probe_.NotTaken(TakeAll().size());
}

TraceContext Tracer::Begin(const std::optional<TraceContext>& parent) {
  if (parent) return parent->Child(NewSpanId());
  TraceContext root = NewTrace(false);
  root.sampled = IsChosen(root.trace_id, options_.one_in);
  return root;
}

void Tracer::End(Span span) {
  if (!span.context.sampled) return;
  if (waiting_.fetch_add(1, std::memory_order_relaxed) >= options_.queue) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return probe_.QueueFull(1);
  }
  // Only TakeAll takes nodes out, and always all of them, so a node cannot come back between the two steps.
  Node* node = new Node{std::move(span), newest_.load(std::memory_order_relaxed)};
  while (!newest_.compare_exchange_weak(node->next, node, std::memory_order_release, std::memory_order_relaxed)) {
  }
}

std::vector<Span> Tracer::TakeAll() {
  std::vector<Span> spans;
  for (Node* node = newest_.exchange(nullptr, std::memory_order_acquire); node != nullptr;) {
    const std::unique_ptr<Node> taken(node);
    node = taken->next;
    spans.push_back(std::move(taken->span));
  }
  waiting_.fetch_sub(spans.size(), std::memory_order_relaxed);
  std::reverse(spans.begin(), spans.end());
  return spans;
}

bool Tracer::Pause(absl::Duration time) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&ending_), time);
  return ending_;
}

void Tracer::Run() {
  pthread_setname_np(pthread_self(), "spans");
  bool ending = false;
  do {
    ending = Pause(options_.every);
    std::vector<Span> spans = TakeAll();
    for (size_t begin = 0; begin < spans.size(); begin += options_.batch) {
      const size_t end = std::min(spans.size(), begin + options_.batch);
      Send({std::make_move_iterator(spans.begin() + static_cast<std::ptrdiff_t>(begin)),
            std::make_move_iterator(spans.begin() + static_cast<std::ptrdiff_t>(end))});
    }
  } while (!ending);
}

void Tracer::Send(const std::vector<Span>& spans) {
  const absl::Time give_up = absl::Now() + options_.patience;
  absl::Status status = absl::DeadlineExceededError("the process ends");
  for (bool again = !IsPast(); again;) {
    status = exporter_->Export(spans);
    if (status.ok()) return probe_.Exported(spans.size());
    // At the end each batch is sent once.
    again = MayBeSentAgain(status) && !Pause(kBetweenTries) && absl::Now() < give_up;
  }
  probe_.NotTaken(spans.size());
  logging::Log(
      logging::LogLevel::kWarning, {},
      absl::StrCat(spans.size(), " spans are dropped, as the collector does not take them: ", status.message()));
}

bool Tracer::IsPast() {
  absl::MutexLock lock(&mutex_);
  return absl::Now() > end_by_;
}

}  // namespace throughline::tracing
