#include "libs/runtime/engine/host.h"

#include <pthread.h>

#include <spdlog/spdlog.h>

#include "libs/store/damaged_row.h"

namespace throughline::runtime {
namespace {

constexpr absl::Duration kGather = absl::Milliseconds(3);
constexpr absl::Duration kAskForLagEvery = absl::Seconds(2);

std::string ThreadName(const char* job, const Definition& definition) {
  return (job + std::string(log::ServiceName(definition.topic))).substr(0, 15);
}

// Shows in the metrics which partitions are assigned.
class ShownAssignment : public log::PartitionAssignment {
 public:
  ShownAssignment(std::unique_ptr<log::PartitionAssignment> assignment, Probe& probe)
      : probe_(probe), assignment_(std::move(assignment)) {}

  void Start(Changed changed) override {
    assignment_->Start([this, changed = std::move(changed)](std::vector<log::Position> assigned) {
      probe_.PartitionAssignment(assigned);
      changed(std::move(assigned));
    });
  }
  void Checkpoint(const std::vector<log::Position>& done) override { assignment_->Checkpoint(done); }

 private:
  Probe& probe_;
  const std::unique_ptr<log::PartitionAssignment> assignment_;
};

}  // namespace

store::RocksKeyValue::Options StoreOptionsOf(const Definition& definition) {
  store::RocksKeyValue::Options options;
  options.layout = StoreLayout(definition);
  options.resident = definition.resident;
  options.negative_lookups = definition.negative_lookups + kStreamRows.first_byte();  // each stream is new once
  return options;
}

absl::StatusOr<std::unique_ptr<Host>> Host::Start(std::unique_ptr<Definition> definition, log::EventLog& log,
                                                  std::unique_ptr<log::PartitionAssignment> assignment,
                                                  const Clock& clock, prometheus::Registry& registry, Options options) {
  store::RocksKeyValue::Options store_options = StoreOptionsOf(*definition);
  store_options.path = options.store_path;
  store_options.cache = options.cache;
  store_options.pending_bytes = options.pending_bytes;
  store_options.restore = std::exchange(options.restore, nullptr);
  absl::StatusOr<std::unique_ptr<store::RocksKeyValue>> store = store::RocksKeyValue::Open(store_options);
  if (!store.ok()) return store.status();
  std::unique_ptr<Host> host(new Host(std::move(definition), *std::move(store), log, std::move(assignment), clock,
                                      registry, std::move(options)));
  if (absl::Status status = host->engine_.Start(); !status.ok()) return status;
  host->thread_ = std::thread([raw = host.get()] { raw->Run(); });
  return host;
}

Host::Host(std::unique_ptr<Definition> definition, std::unique_ptr<store::RocksKeyValue> store, log::EventLog& log,
           std::unique_ptr<log::PartitionAssignment> assignment, const Clock& clock, prometheus::Registry& registry,
           Options options)
    : definition_(std::move(definition)),
      layout_(StoreLayout(*definition_)),
      store_(std::move(store)),
      options_(std::move(options)),
      probe_(registry, definition_->folds),
      answers_(ThreadName("answer-", *definition_)),
      watching_(ThreadName("watch-", *definition_)),
      publishing_(options_.feed == nullptr ? nullptr
                                           : std::make_unique<ThreadExecutor>(ThreadName("publish-", *definition_))),
      assignment_(assignment == nullptr ? nullptr : std::make_unique<ShownAssignment>(std::move(assignment), probe_)),
      engine_(*definition_,
              {.log = log,
               .store = *store_,
               .assignment = assignment_.get(),
               .clock = clock,
               .probe = probe_,
               .feed = options_.feed,
               .answers = &answers_,
               .watching = &watching_,
               .publishing = publishing_.get(),
               .tracer = options_.tracer,
               .read_ahead = true},
              options_.limits),
      streams_(engine_),
      registry_(registry) {
  const auto add = [&](const auto& gauge) {
    gauges_.push_back(&prometheus::BuildGauge().Name(gauge.name).Help(gauge.help).Register(registry).Add({}));
  };
  for (const DomainGauge& gauge : definition_->gauges) add(gauge);
  for (const TimerGauge& gauge : definition_->timer_gauges) add(gauge);
  for (const LabelledGauge& gauge : definition_->labelled_gauges) {
    labelled_.push_back(&prometheus::BuildGauge().Name(gauge.name).Help(gauge.help).Register(registry));
  }
}

Host::~Host() { Stop(); }

void Host::Stop() {
  stop_.store(true);
  engine_.inbox().Wake();
  if (thread_.joinable()) thread_.join();
  engine_.Close();
  answers_.Drain();
  watching_.Drain();
  if (publishing_ != nullptr) publishing_->Drain();
}

void Host::Run() {
  pthread_setname_np(pthread_self(), ThreadName("fold-", *definition_).c_str());
  while (!stop_.load()) {
    absl::StatusOr<bool> more = Step();
    steps_.fetch_add(1, std::memory_order_relaxed);
    if (!more.ok()) {
      spdlog::critical("{} stops: {}", log::TopicName(definition_->topic), std::string(more.status().message()));
      engine_.Close();
      if (options_.on_failure) options_.on_failure(more.status());
      return;
    }
    AskForLag();
    if (!*more) {
      engine_.inbox().Wait(absl::Milliseconds(50));
    } else if (!engine_.Awaited() && engine_.Ready()) {
      // Nobody waits for what other services write: fold a few milliseconds of it at once.
      engine_.inbox().WaitForTask(kGather);
    }
  }
}

// A fold that cannot read its own rows cannot go on.
absl::StatusOr<bool> Host::Step() {
  try {
    ShowGauges();
    return engine_.Step();
  } catch (const store::DamagedRow& damaged) {
    return absl::DataLossError(damaged.what());
  }
}

void Host::ShowGauges() {
  const absl::Time now = absl::Now();
  if (now - shown_ < absl::Seconds(1) && now >= shown_) return;
  shown_ = now;
  auto shown = gauges_.begin();
  for (const DomainGauge& gauge : definition_->gauges) (*shown++)->Set(gauge.value(*store_, engine_.clock().Trusted()));
  for (const TimerGauge& gauge : definition_->timer_gauges) {
    (*shown++)->Set(static_cast<double>(engine_.OverdueTimers(gauge.timer)));
  }
  for (size_t i = 0; i < labelled_.size(); ++i) {
    const LabelledGauge& gauge = definition_->labelled_gauges[i];
    for (const auto& [label, value] : gauge.values(*store_)) labelled_[i]->Add({{gauge.label, label}}).Set(value);
  }
  if (engine_.fold_status().caught_up) ShowCounters();
}

void Host::ShowCounters() {
  for (size_t i = 0; i < definition_->counters.size(); ++i) {
    const DomainCounter& counter = definition_->counters[i];
    if (i == counters_.size()) {
      counters_.push_back(
          &prometheus::BuildCounter().Name(counter.name).Help(counter.help).Register(registry_).Add({}));
    }
    const double now = static_cast<double>(Counted(*store_, counter.counter));
    counters_[i]->Increment(std::max(0.0, now - counters_[i]->Value()));
  }
}

FoldStatus Host::fold_status() const {
  FoldStatus status = engine_.fold_status();
  status.steps = steps_.load(std::memory_order_relaxed);
  return status;
}

int64_t Host::FoldedRecords() const {
  int64_t records = 0;
  for (const log::Partition& partition : engine_.positions().All()) records += engine_.positions().Next(partition);
  return records;
}

void Host::AskForLag() {
  const absl::Time now = absl::Now();
  if (now - asked_ < kAskForLagEvery && now >= asked_) return;
  asked_ = now;
  engine_.AfterPresent(engine_.clock().Trusted() + kAskForLagEvery, [](const absl::Status&) {});
}

}  // namespace throughline::runtime
