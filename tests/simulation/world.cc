#include "tests/simulation/world.h"

#include <cstdio>

namespace throughline::simulation {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(20);
// The simulated log's time starts at the epoch; the world's at a present date.
constexpr int64_t kBegin = 1'772'366'400;

log::SimulatedLog::Faults FaultsFor(log::Random& random) {
  log::SimulatedLog::Faults faults = log::SimulatedLog::Faults::Harsh();
  // Each seed leaves some kinds of faults out, so that they cannot hide the effect of others.
  for (double* fault :
       {&faults.refused, &faults.not_written, &faults.answer_lost, &faults.written_late, &faults.duplicated,
        &faults.reordered, &faults.delivered_late, &faults.ends_unavailable, &faults.checkpoint_lost}) {
    if (random.Chance(0.3)) *fault = 0;
    if (random.Chance(0.2)) *fault *= 3;
  }
  return faults;
}

}  // namespace

World::World(uint64_t seed, std::vector<Define> services, bool trace)
    : random_(seed),
      defines_(std::move(services)),
      trace_(trace),
      partitions_(static_cast<int32_t>(1 + random_.Below(3))),
      log_(random_.Next(), partitions_, FaultsFor(random_)) {
  for (int id = 0; id < kNodes; ++id) {
    auto node = std::make_unique<Node>();
    node->id = id;
    for (const Define& define : defines_) node->services.emplace_back().define = define;
    Start(*node);
    nodes_.push_back(std::move(node));
  }
  MoveAssignments();
  Tick();
  Harm();
}

World::~World() {
  for (auto& node : nodes_) {
    for (Service& service : node->services) service.replica.reset();
  }
}

absl::Time World::now() const { return log_.now() + absl::Seconds(kBegin); }

void World::Trace(const std::function<std::string()>& text) const {
  if (trace_) std::printf("%10.3f  %s\n", absl::ToDoubleSeconds(log_.now() - absl::UnixEpoch()), text().c_str());
}

void World::Violation(std::string text) {
  Trace([&] { return "VIOLATION " + text; });
  violations_.push_back(std::move(text));
}

void World::Run(absl::Duration time) {
  const absl::Time end = log_.now() + time;
  while (log_.now() < end && violations_.empty() && log_.Advance()) StepAll();
}

void World::SetClock(Node& node) const { node.clock.Set(now() + node.skew, log_.now() - absl::UnixEpoch()); }

void World::Tick() {
  log_.After(kTick, [this] { Tick(); });
}

void World::StepAll() {
  for (auto& node : nodes_) {
    SetClock(*node);
    if (IsPaused(*node)) continue;
    for (Service& service : node->services) {
      if (service.replica != nullptr) StepService(*node, service);
    }
  }
}

void World::StepService(Node& node, Service& service) {
  if (absl::Status status = service.replica->Run(1); !status.ok()) {
    Violation("node " + std::to_string(node.id) + " stopped: " + status.ToString());
  }
}

void World::Start(Node& node) {
  ++node.life;
  node.paused_until = absl::InfinitePast();
  // A clock that is wrong from the start cannot be detected.
  node.skew = absl::ZeroDuration();
  SetClock(node);
  runtime::Engine::Limits limits;
  const size_t at_once[] = {1, 3, 16, 1024};
  limits.fold_records = at_once[Pick(4)];
  for (Service& service : node.services) {
    std::unique_ptr<runtime::Definition> definition = service.define();
    const std::string group(log::ServiceName(definition->topic));
    const std::vector<log::Topic> folds = definition->folds;
    service.log = log_.Attach(node.id);
    service.assignment = log_.AssignPartitions(node.id, group, folds);
    service.replica = std::make_unique<runtime::testing::Replica>(std::move(definition), *service.log, service.store,
                                                                  service.assignment.get(), node.clock, limits);
    if (absl::Status status = service.replica->Start(); !status.ok()) {
      Violation("node " + std::to_string(node.id) + " does not start: " + status.ToString());
    }
  }
  Trace([&] { return "node " + std::to_string(node.id) + " starts"; });
}

void World::Crash(Node& node) {
  ++node.life;
  log_.Crash(node.id);
  for (Service& service : node.services) {
    service.replica.reset();
    service.assignment.reset();
    service.log.reset();
    const size_t lost = random_.Chance(0.5) ? 0 : Pick(20);
    service.store.Lose(lost);
    if (random_.Chance(0.05)) service.store.LoseAll();
  }
  Trace([&] { return "node " + std::to_string(node.id) + " crashes"; });
}

void World::Harm() {
  if (settled_) return;
  Node& node = *nodes_[Pick(kNodes)];
  const std::string name = "node " + std::to_string(node.id);
  switch (random_.Below(8)) {
    case 0:
    case 1:
      if (!node.up()) break;
      Crash(node);
      log_.After(absl::Milliseconds(10 + random_.Below(1500)), [this, &node] {
        if (!node.up()) Start(node);
      });
      break;
    case 2:
      log_.Disconnect(node.id, absl::Milliseconds(random_.Below(2500)));
      Trace([&] { return name + " is cut off from the log"; });
      break;
    case 3:
      node.paused_until = log_.now() + absl::Milliseconds(random_.Below(3000));
      Trace([&] { return name + " is paused"; });
      break;
    case 4:
      // Jumps of up to two seconds look like normal clock adjustment.
      node.skew = absl::Seconds(static_cast<int64_t>(3 + random_.Below(3600)));
      if (random_.Chance(0.5)) node.skew = -node.skew;
      if (random_.Chance(0.5)) node.skew = absl::ZeroDuration();
      Trace([&] { return name + "'s clock jumps to " + absl::FormatDuration(node.skew); });
      break;
    case 5:
    case 6:
      MoveAssignments();
      break;
    case 7:
      WriteStrange();
      break;
  }
  log_.After(absl::Milliseconds(20 + random_.Below(400)), [this] { Harm(); });
}

void World::MoveAssignments() {
  for (const Define& define : defines_) {
    const std::unique_ptr<runtime::Definition> definition = define();
    const std::string group(log::ServiceName(definition->topic));
    std::vector<std::vector<log::Partition>> held(kNodes);
    for (const log::Partition& partition : log_.Partitions(definition->folds)) {
      for (size_t holders = 1 + (settled_ ? 0 : Pick(2)); holders > 0; --holders) {
        auto& node = held[Pick(kNodes)];
        if (std::find(node.begin(), node.end(), partition) == node.end()) node.push_back(partition);
      }
    }
    for (int i = 0; i < kNodes; ++i) log_.Assign(group, i, held[static_cast<size_t>(i)]);
  }
  Trace([] { return "partition assignments move"; });
}

void World::WriteStrange() {
  const std::unique_ptr<runtime::Definition> definition = defines_[Pick(defines_.size())]();
  const log::Partition partition{definition->topic,
                                 static_cast<int32_t>(random_.Below(static_cast<uint64_t>(partitions_)))};
  const std::vector<log::RecordPtr>& records = log_.Records(partition);
  if (records.empty() || random_.Chance(0.3)) {
    std::string noise(static_cast<size_t>(random_.Below(40)), '\0');
    for (char& c : noise) c = static_cast<char>(random_.Next());
    log_.AppendForeign(partition, "nobody/" + std::to_string(random_.Below(10)), noise);
    Trace([] { return "a stranger writes noise"; });
  } else {
    const log::RecordPtr old = records[Pick(records.size())];
    log_.AppendForeign(partition, old->key, old->value);
    Trace([&] { return "a zombie writes " + old->key + " once more"; });
  }
}

void World::Settle() {
  settled_ = true;
  log_.Settle();
  for (auto& node : nodes_) {
    node->skew = absl::ZeroDuration();
    node->paused_until = absl::InfinitePast();
    if (!node->up()) Start(*node);
  }
  MoveAssignments();
  Trace([] { return "all is well from here on"; });
}

std::map<std::string, std::string, std::less<>> World::Rebuild(size_t service) {
  Store store;
  const runtime::ManualClock clock(now());
  std::unique_ptr<log::EventLog> log = log_.Attach(kNodes);
  runtime::Engine::Limits limits;
  limits.fold_records = 7;
  runtime::testing::Replica replica(defines_[service](), *log, store, nullptr, clock, limits);
  if (absl::Status status = replica.Start(); !status.ok()) Violation("a rebuild does not start: " + status.ToString());
  const absl::Time end = log_.now() + absl::Seconds(2);
  while (log_.now() < end && log_.Advance()) {
    StepAll();
    if (absl::Status status = replica.Run(); !status.ok()) {
      Violation("a rebuild stopped: " + status.ToString());
      break;
    }
  }
  return store.Snapshot();
}

}  // namespace throughline::simulation
