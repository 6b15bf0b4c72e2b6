// Row 13: partition assignments change all the time while intake must open one case for every vendor's delay.

#include <atomic>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/foreign.h"
#include "tests/faults/matrix/scene.h"

namespace throughline::faults {
namespace {

using testing::Replica;

// Group members that join and leave: partitions are assigned to them and taken back; meanwhile nobody runs their
// reactors.
class RestlessMembers {
 public:
  RestlessMembers(const std::string& brokers, const std::string& prefix, int count) {
    std::vector<std::string> topics;
    for (log::Topic topic : log::kTopics) topics.push_back(LogTopic(prefix, topic));
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, brokers, prefix, topics] {
        while (!stop_.load()) {
          if (JoinAndLeave(brokers, prefix + ".intake", topics, absl::Milliseconds(20))) moves_ += 2;
        }
      });
    }
  }
  ~RestlessMembers() { Stop(); }
  void Stop() {
    stop_.store(true);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int moves() const { return moves_.load(); }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> moves_{0};  // assigned, and given back
  std::vector<std::thread> threads_;
};

void RunAssignmentsMove(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  testing::KafkaSuite::Options options;
  options.replicas = 3;
  options.services = {log::Topic::kIntake, log::Topic::kSupplierTracking, log::Topic::kOwnership};
  // Frequent heartbeats, so that members learn of a rebalance at once.
  options.flags = {"--kafka-client", "heartbeat.interval.ms=50"};
  if (!scene.Begin(1, options, {.interactions = 3, .work_notes = 3, .orders = 45, .delays = 45, .doomed = 2})) return;
  std::mt19937_64 random(context.seed());
  Load load(scene.ledger(), scene.client(), {.seed = context.seed(), .senders = 16});
  RestlessMembers members(scene.suite().options().brokers, scene.suite().prefix(), 3);
  const absl::Time begun = absl::Now();
  int restarts = 0;
  while (scene.ledger().sent() < context.settings.commands || absl::Now() - begun < absl::Seconds(10)) {
    const Replica replica{log::Topic::kIntake, static_cast<int>(random() % 3)};
    // Stop it cleanly, so that it leaves the group: after a kill every rebalance waits for the session timeout.
    if (const int code = scene.suite().Terminate(replica); code != 0)
      outcome.Problem(absl::StrCat(NameOf(replica), " ended with ", code, " after SIGTERM"));
    if (!outcome.Holds(scene.suite().Restart(replica), "starting it again")) return;
    ++restarts;
    absl::SleepFor(absl::Milliseconds(300));
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  members.Stop();
  load.Stop();
  const int moves = members.moves() + 2 * restarts;
  outcome.injected = absl::StrFormat("partitions of intake were reassigned %d times, %.1f a second; %d restarts", moves,
                                     moves / seconds, restarts);
  Examine(context, scene.suite(), scene.ledger(), outcome);
  outcome.Note(absl::StrCat(scene.ledger().delayed_orders().size(), " delays, each to open one case"));
}

}  // namespace

std::vector<Row> ReactionRows() { return {{13, "partition assignments move at 5 Hz", 1, RunAssignmentsMove}}; }

}  // namespace throughline::faults
