// Row 32: all replicas of a service are down so long that the brokers forget its consumer group.

#include "absl/strings/match.h"

#include "tests/faults/matrix/foreign.h"
#include "tests/faults/matrix/scene.h"

namespace throughline::faults {
namespace {

using testing::Finished;
using testing::Program;
using testing::Replica;

double Reactions(Scene& scene) {
  double sum = 0;
  for (const Replica& replica : scene.suite().replicas())
    sum += scene.suite().Number(replica, "throughline_reactions_total");
  return sum;
}

bool StopAndForget(Scene& scene, Outcome& outcome) {
  for (std::string& complaint : scene.suite().TerminateAll()) outcome.Problem(std::move(complaint));
  for (log::Topic service : log::kTopics) {
    const std::string group = scene.suite().prefix() + "." + std::string(log::ServiceName(service));
    if (!outcome.Holds(ForgetGroup(scene.suite().options().brokers, group), "forgetting " + group)) return false;
  }
  return true;
}

// The reactions topic is gone, too: no replica starts until an operator has set the time since when it is to react.
bool LoseReactionsTopic(Scene& scene, absl::Time since, Outcome& outcome) {
  const auto& options = scene.suite().options();
  if (!outcome.Holds(DeleteTopics(options.brokers, {scene.suite().prefix() + ".reactions"}),
                     "deleting the reactions topic"))
    return false;
  const Finished made = testing::Run({Program("throughline"), "topics", "create", "--brokers", options.brokers,
                                      "--prefix", scene.suite().prefix(), "--replication", "1"});
  if (made.exit_code != 0) outcome.Problem("creating the reactions topic again: " + made.err);
  for (log::Topic topic : log::kTopics) {
    const std::string service(log::ServiceName(topic));
    // A partition without records has no reactions to lose.
    const auto said = scene.suite().RestartInVain({topic, 0}, absl::Seconds(12));
    if (absl::IsAlreadyExists(said.status()) && topic == log::Topic::kOutageNotice) continue;
    if (!outcome.Holds(said.status(), service + " without the reactions topic")) return false;
    if (!absl::StrContains(*said, "throughline log react-since " + service + " "))
      outcome.Problem(service + " does not say what to do: " + *said);
    const Finished told =
        testing::Run({Program("throughline"), "log", "react-since", service, absl::FormatTime(since), "--reason",
                      "row 32", "--brokers", options.brokers, "--prefix", scene.suite().prefix()});
    if (told.exit_code != 0) outcome.Problem("react-since: " + told.out + told.err);
  }
  return true;
}

void RunAwayForEightDays(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  if (!scene.Begin(1, {}, {.interactions = 3, .work_notes = 3, .orders = 45, .delays = 45, .doomed = 2})) return;
  auto load = std::make_unique<Load>(scene.ledger(), scene.client(), Load::Options{.seed = context.seed()});
  if (!load->AwaitSent(context.settings.commands / 2)) outcome.Problem("nothing moves");
  load->Stop();
  Audit audit(scene.suite().options().brokers, scene.suite().prefix(), scene.suite().options().partitions);
  if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
  AwaitReactions(audit, scene.ledger(), outcome);
  const double before = Reactions(scene);
  if (!StopAndForget(scene, outcome)) return;
  if (!outcome.Holds(scene.suite().RestartAll(), "starting again")) return;
  // New reactions run only after repeated old ones would have.
  load = std::make_unique<Load>(scene.ledger(), scene.client(), Load::Options{.seed = context.seed() + 1});
  if (!load->AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load->Stop();
  if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
  AwaitReactions(audit, scene.ledger(), outcome);
  const double after = Reactions(scene);
  int told = 0;
  for (const Replica& replica : scene.suite().replicas()) {
    told += scene.suite().said(replica).find("it has no offset for ") != std::string::npos ? 1 : 0;
  }
  // A reaction follows its cause within a moment.
  const absl::Time since = absl::Now() - absl::Seconds(1);
  if (!StopAndForget(scene, outcome) || !LoseReactionsTopic(scene, since, outcome)) return;
  if (!outcome.Holds(scene.suite().RestartAll(), "starting after an operator's word")) return;
  load = std::make_unique<Load>(scene.ledger(), scene.client(), Load::Options{.seed = context.seed() + 2});
  if (!load->AwaitSent(context.settings.commands * 3 / 2)) outcome.Problem("nothing moves after an operator's word");
  load->Stop();
  if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
  AwaitReactions(audit, scene.ledger(), outcome);
  const double at_last = Reactions(scene);
  outcome.injected =
      "all replicas stopped, the offsets of all four groups deleted as the brokers do after seven days; then the "
      "notes, "
      "too";
  outcome.Note(absl::StrCat(before, " reactions before, ", after, " after, ", at_last,
                            " after an operator's word, each for as many commands"));
  if (before == 0) outcome.Problem("nothing was reacted to before: the row proves nothing");
  // Half of the commands came later: a replica that starts at the first record again would also repeat earlier
  // reactions.
  if (after > before * 1.5) outcome.Problem("reactions that were done are decided again");
  if (at_last > before * 1.5) outcome.Problem("reactions that were done are decided again after an operator's word");
  if (told == 0) outcome.Problem("no replica says that its group was forgotten");
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> AwayRows() { return {{32, "all of a service away for eight days", 1, RunAwayForEightDays}}; }

}  // namespace throughline::faults
