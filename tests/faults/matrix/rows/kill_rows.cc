// Rows 1, 2 and 14: services killed at random moments, and at named points.

#include "absl/time/clock.h"

#include "tests/faults/matrix/scene.h"

namespace throughline::faults {
namespace {

using testing::Replica;

// Repeatedly kills a random replica of a random service with kill -9 and restarts it.
void RunKillAtRandom(const Context& context, Outcome& outcome) {
  constexpr int kTimes = 20;
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  std::mt19937_64 random(context.seed());
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  load.AwaitAcknowledged(1);
  load.ForgetGaps();
  const int64_t share = context.settings.commands / kTimes;
  for (int round = 0; round < kTimes; ++round) {
    // Wait for a number of answers, not for a time, so that there is load on every machine.
    const int64_t more = share / 2 + static_cast<int64_t>(random() % static_cast<uint64_t>(share));
    if (!load.AwaitAcknowledged(scene.ledger().acknowledged() + more)) outcome.Problem("nothing moves any more");
    const Replica victim = scene.Any(random);
    scene.suite().Kill(victim);
    if (!outcome.Holds(scene.suite().Restart(victim), "starting it again")) return;
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.NoteGap("replicas killed", absl::Milliseconds(500), outcome);
  load.NoteHedges(outcome);
  load.Stop();
  outcome.injected = absl::StrCat(kTimes, " x kill -9 of a random replica of a random service");
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

struct Point {
  const char* name;
  log::Topic service;
  int most;  // kills at the n-th passing, n up to this
};

// Kills each replica of the service in turn at the point; each restarts and is killed there again.
void KillAtPoints(const Context& context, const std::vector<Point>& points, int rounds, Ledger::Mix mix,
                  Outcome& outcome) {
  Scene scene(context, outcome);
  if (!scene.Begin(1, {}, mix)) return;
  std::mt19937_64 random(context.seed());
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  int killed = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const Point& point : points) {
      const Replica victim{point.service, round % 2};
      const std::string setting =
          absl::StrCat("THROUGHLINE_KILL_POINT=", point.name, ":", 1 + random() % static_cast<uint64_t>(point.most));
      scene.suite().Kill(victim);
      absl::Status armed = scene.suite().Restart(victim, {setting});
      // It may reach the n-th passing before it is ready.
      if (!armed.ok() && !absl::IsUnavailable(armed)) outcome.Holds(armed, "starting it armed");
      if (armed.ok() && scene.suite().AwaitEnd(victim) != 128 + 9)
        outcome.Problem(NameOf(victim) + " did not die there");
      ++killed;
      if (!outcome.Holds(scene.suite().Restart(victim), "starting it again")) return;
    }
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat(killed, " deaths at");
  for (const Point& point : points)
    outcome.injected += absl::StrCat(" `", point.name, "`/", std::string(log::ServiceName(point.service)));
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

void RunKillBetweenFoldAndAnswer(const Context& context, Outcome& outcome) {
  KillAtPoints(context,
               {{"folded", log::Topic::kIntake, 200},
                {"appended", log::Topic::kIntake, 200},
                {"folded", log::Topic::kOwnership, 100},
                {"folded", log::Topic::kSupplierTracking, 100}},
               context.FullOrShort(6, 2), Ledger::Mix(), outcome);
}

// Mostly orders and delays: intake opens one case for each delay.
void RunKillBetweenReactionAndOffset(const Context& context, Outcome& outcome) {
  KillAtPoints(context, {{"reacted", log::Topic::kIntake, 30}}, context.FullOrShort(6, 2),
               {.interactions = 5, .work_notes = 5, .orders = 42, .delays = 42, .doomed = 2}, outcome);
}

}  // namespace

std::vector<Row> KillRows() {
  return {{1, "service killed mid-command, at random", 1, RunKillAtRandom},
          {2, "killed between fold batch and acknowledgement", 1, RunKillBetweenFoldAndAnswer},
          {14, "reactor killed between command and offset", 1, RunKillBetweenReactionAndOffset}};
}

}  // namespace throughline::faults
