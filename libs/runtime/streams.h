#pragma once

// A service's streams, with their types: what API handlers use. Any thread.
//
// Callbacks run where answers are given (reads/executor.h), which is not the engine's thread.
//
//   streams.Execute<Case>({"case", id}, command, caller, deadline,
//                         [reply](absl::StatusOr<Outcome<Case>> outcome) { ... });

#include "libs/runtime/domain/damage.h"
#include "libs/runtime/engine/engine.h"
#include "libs/runtime/fold/fold.h"

namespace throughline::runtime {

template <typename S>
struct Outcome {
  uint64_t version = 0;  // of the stream, see CommandResult
  std::string token;     // a read with it sees the effect
  std::shared_ptr<const typename S::State> state;
  bool repeated = false;           // the command had been accepted before; this is its outcome
  std::vector<MessagePtr> events;  // S::Event, as CommandResult's
};

class Streams {
 public:
  // `engine` must outlive it.
  explicit Streams(Engine& engine) : engine_(engine) {}

  // `done` is called once. Refusals are those of `S::Decide`, and INVALID_ARGUMENT COMMAND_ID_REUSED. Other failures:
  // ABORTED after too many lost races; RESOURCE_EXHAUSTED when too many commands are under way; UNAVAILABLE or
  // DEADLINE_EXCEEDED when the outcome is unknown or the log takes nothing, and the same command id may be tried again
  // for ever. DATA_LOSS, here and below: a row that was needed cannot be decoded.
  template <typename S, typename C>
  void Execute(StreamId stream, C command, Caller caller, absl::Time deadline,
               std::function<void(absl::StatusOr<Outcome<S>>)> done) {
    Run<S>(MakeCommand<S>(engine_.types(), std::move(stream), std::move(command), std::move(caller)), deadline,
           std::move(done));
  }

  void AfterToken(std::string_view token, absl::Time deadline, Engine::Done done,
                  const std::string& field = "consistency_token") {
    engine_.AfterToken(token, deadline, AnsweringDamage(std::move(done)), field);
  }
  void AfterPresent(absl::Time deadline, Engine::Done done) {
    engine_.AfterPresent(deadline, AnsweringDamage(std::move(done)));
  }
  // A task that meets a row that cannot be decoded ends there; it is logged.
  void WhenCaughtUp(Executor::Task task) {
    engine_.WhenCaughtUp([task = std::move(task)] {
      try {
        task();
      } catch (const store::DamagedRow& damaged) {
        RowUnreadable(damaged).IgnoreError();
      }
    });
  }

  // Names all that has been folded by now. Taken before a view, it names at most what the view shows.
  std::string SeenToken() const {
    std::vector<log::Position> places;
    for (const log::Partition& partition : engine_.positions().All()) {
      if (const int64_t next = engine_.positions().Next(partition); next > 0) places.push_back({partition, next});
    }
    return engine_.identity().TokenOf(places);
  }

  // The rows of one moment, for one call.
  std::unique_ptr<const store::KeyValue> View() const { return engine_.View(); }
  // How far these rows of one moment were folded. It is exact, as rows and positions move in one write.
  Seen SeenBy(const store::KeyValue& rows) const {
    std::vector<log::Position> places;
    for (const log::Topic topic : log::kTopics) {
      const std::vector<FoldedPosition> folded =
          ReadFoldedPositions(rows, topic, engine_.positions().PartitionsOf(topic));
      for (size_t i = 0; i < folded.size(); ++i) {
        if (folded[i].next > 0) places.push_back({{topic, static_cast<int32_t>(i)}, folded[i].next});
      }
    }
    return Seen(std::move(places));
  }

  // Names those positions.
  std::string TokenOf(const Seen& seen) const { return engine_.identity().TokenOf(seen.places()); }
  // Where watches go on, see token.h.
  std::string MakeToken(const WatchPosition& position) const { return engine_.identity().TokenOf(position); }
  absl::StatusOr<WatchPosition> ReadWatchPosition(std::string_view token, std::string_view question,
                                                  absl::string_view field) const {
    return engine_.identity().ReadWatchToken(token, question, field);
  }

  const Clock& clock() const { return engine_.clock(); }
  Watches& watches() { return engine_.watches(); }

 private:
  template <typename S>
  void Run(CommandPtr command, absl::Time deadline, std::function<void(absl::StatusOr<Outcome<S>>)> done) {
    command->deadline = deadline;
    command->done = [this, done = AnsweringDamage(std::move(done))](absl::StatusOr<CommandResult> settled) {
      if (!settled.ok()) return done(settled.status());
      Outcome<S> outcome;
      outcome.version = settled->version;
      outcome.token = engine_.TokenFor(settled->position);
      outcome.state = std::static_pointer_cast<const typename S::State>(settled->state);
      outcome.repeated = settled->repeated;
      outcome.events = std::move(settled->events);
      done(std::move(outcome));
    };
    engine_.Execute(std::move(command));
  }

  Engine& engine_;
};

}  // namespace throughline::runtime
