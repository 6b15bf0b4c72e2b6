// Rows 4 and 5: a replica that is paused for long, and two replicas that write the same stream at once.

#include <barrier>
#include <thread>

#include "absl/time/clock.h"

#include "tests/faults/matrix/scene.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::faults {
namespace {

using testing::Replica;

void RunPause(const Context& context, Outcome& outcome) {
  const absl::Duration asleep = context.FullOrShort(absl::Seconds(60), absl::Seconds(8));
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  load.AwaitAcknowledged(context.settings.commands / 10);
  const std::vector<Replica> sleepers = {
      {log::Topic::kIntake, 0}, {log::Topic::kOwnership, 1}, {log::Topic::kSupplierTracking, 0}};
  load.ForgetGaps();
  for (const Replica& replica : sleepers) scene.suite().Pause(replica);
  const int64_t before = scene.ledger().acknowledged();
  absl::SleepFor(asleep);
  outcome.Note(absl::StrCat(scene.ledger().acknowledged() - before, " acknowledged meanwhile"));
  load.NoteGap("replicas paused", absl::Seconds(1), outcome);
  load.NoteHedges(outcome);
  if (scene.ledger().acknowledged() == before) outcome.Problem("nothing was acknowledged while a replica was paused");
  for (const Replica& replica : sleepers) scene.suite().Continue(replica);
  if (!load.AwaitSent(std::max(context.settings.commands, scene.ledger().sent() + context.settings.commands / 10)))
    outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat("SIGSTOP of 3 replicas for ", absl::FormatDuration(asleep), ", SIGCONT");
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

// Pairs of threads, one per replica, that wait for each other before every command on their case.
void RunSameStreamAtOnce(const Context& context, Outcome& outcome) {
  constexpr int kPairs = 6;
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  std::vector<std::thread> threads;
  const int rounds = static_cast<int>(context.settings.commands / (2 * kPairs)) + 1;
  std::vector<std::unique_ptr<std::barrier<>>> barriers;
  for (int pair = 0; pair < kPairs; ++pair) {
    auto open = std::make_unique<intake::v1::OpenCaseRequest>();
    open->set_customer_id("c");
    open->set_subject("s");
    open->set_text("t");
    open->set_channel(intake::v1::CHANNEL_PHONE);
    Ledger::Entry& opened = *scene.ledger().Write(Ledger::Kind::kOpen, std::move(open),
                                                  std::make_unique<intake::v1::OpenCaseResponse>(), "");
    const absl::Status status = scene.client().CallInto(*opened.request, *opened.response);
    scene.ledger().Note(opened, status);
    if (!outcome.Holds(status, "opening a case")) return;
    barriers.push_back(std::make_unique<std::barrier<>>(2));
    for (int replica = 0; replica < 2; ++replica) {
      threads.emplace_back([&scene, &barrier = *barriers.back(), case_id = opened.subject, replica, rounds] {
        for (int round = 0; round < rounds; ++round) {
          auto request = std::make_unique<intake::v1::RecordInteractionRequest>();
          request->set_case_id(case_id);
          request->set_channel(intake::v1::CHANNEL_CHAT);
          request->set_direction(intake::v1::DIRECTION_INBOUND);
          request->set_command_id(absl::StrCat(case_id, "-", replica, "-", round));
          request->set_text("interaction " + request->command_id());
          Ledger::Entry& entry =
              *scene.ledger().Write(Ledger::Kind::kInteraction, std::move(request),
                                    std::make_unique<intake::v1::RecordInteractionResponse>(), case_id);
          barrier.arrive_and_wait();
          scene.ledger().Note(entry,
                              scene.client().TryOnce({log::Topic::kIntake, replica}, *entry.request, *entry.response));
        }
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  double again = 0;
  for (const Replica& replica : scene.suite().replicas(log::Topic::kIntake))
    again += scene.suite().Number(replica, "throughline_commands_decided_again_total");
  outcome.injected = absl::StrCat(rounds * kPairs, " x two replicas write one stream at the same moment");
  outcome.Note(absl::StrCat("decided again ", again));
  Examine(context, scene.suite(), scene.ledger(), outcome);
  if (outcome.void_commits == 0) outcome.Problem("no commit was void: there was no race, the row shows nothing");
}

}  // namespace

std::vector<Row> ReplicaRows() {
  return {{4, "replica paused, then continued", 1, RunPause},
          {5, "two replicas write the same stream at once", 1, RunSameStreamAtOnce}};
}

}  // namespace throughline::faults
