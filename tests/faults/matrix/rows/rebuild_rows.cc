// Row 35: stores are rebuilt beside running replicas under load and take their places, for the same layout and for
// another one; tools and replicas are killed in the middle.

#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

#include "libs/store/rocks/replacement.h"
#include "tests/faults/matrix/scene.h"
#include "tests/support/eventually.h"

namespace throughline::faults {
namespace {

using log::Topic;
using testing::Finished;
using testing::KafkaSuite;
using testing::Replica;

class Rebuilds {
 public:
  Rebuilds(Scene& scene, const Load& load, std::set<Replica>& other_layout, Outcome& outcome)
      : scene_(scene), load_(load), other_layout_(other_layout), outcome_(outcome) {}

  // Every replica in turn: rebuilt, equal to what serves, switched, serving; commands are acknowledged meanwhile.
  bool SwitchAll() {
    for (const Replica& replica : suite().replicas()) {
      const Finished done = Tool(replica, {"--switch", "--wait"});
      if (!MustEqual(replica, done) || !MustServe(replica)) return false;
      if (!std::filesystem::exists(store::PreviousPath(suite().store(replica))))
        outcome_.Problem(NameOf(replica) + " did not keep the store before");
      if (Tool(replica, {"--confirm"}).exit_code != 0 ||
          std::filesystem::exists(store::PreviousPath(suite().store(replica))))
        outcome_.Problem(NameOf(replica) + " keeps the store before though it was confirmed");
    }
    return true;
  }

  // The tool is killed while it folds and before it says that the store is complete, and the replica while it takes it.
  bool KillInTheMiddle(const Replica& replica) {
    const std::string store = suite().store(replica);
    for (const char* point : {"rebuilding:3", "rebuilt:1"}) {
      const Finished killed = Tool(replica, {}, absl::StrCat("THROUGHLINE_KILL_POINT=", point));
      if (killed.exit_code != 128 + 9)
        outcome_.Problem(absl::StrCat("the tool did not die at ", point, ": ", killed.exit_code, killed.err));
      if (store::ReadRebuilt(store)) outcome_.Problem(absl::StrCat("half a store is complete after ", point));
      suite().Kill(replica);
      if (!outcome_.Holds(suite().Restart(replica), "starting beside half a store")) return false;
    }
    if (!MustEqual(replica, Tool(replica, {"--switch"}))) return false;
    suite().Kill(replica);
    if (!outcome_.Holds(suite().Restart(replica), "starting after a kill while it took the store")) return false;
    if (std::filesystem::exists(store::NextPath(store))) outcome_.Problem("the chosen store was not taken");
    return MustServe(replica);
  }

  // The replica runs a version with another layout first. Today's is prepared beside it, and takes over; then it is
  // taken back and forward once more.
  bool ChangeLayout(const Replica& replica) {
    if (!RestartWith(replica, true, "folded from the start", "rebuilt from the log")) return false;
    const Finished prepared = Tool(replica, {});
    if (prepared.exit_code != 0 || Answer(prepared).value("compared", true)) {
      outcome_.Problem(absl::StrCat("preparing another layout: ", prepared.out, prepared.err));
      return false;
    }
    return RestartWith(replica, false, "prepared", "it was rebuilt beside it") &&
           RestartWith(replica, true, "taken back", "it served this version before") &&
           RestartWith(replica, false, "taken forward", "it served this version before");
  }

 private:
  KafkaSuite& suite() { return scene_.suite(); }

  Finished Tool(const Replica& replica, const std::vector<std::string>& flags, const std::string& environment = "A=") {
    const KafkaSuite::Options& options = suite().options();
    std::vector<std::string> command = {
        "/usr/bin/env",  environment,           testing::Program("throughline"),
        "--data",        suite().data(replica), "--json",
        "rebuild",       "--service",           std::string(log::ServiceName(replica.service)),
        "--brokers",     options.brokers,       "--prefix",
        suite().prefix()};
    command.insert(command.end(), flags.begin(), flags.end());
    return testing::Run(command);
  }

  static nlohmann::json Answer(const Finished& done) {
    return nlohmann::json::parse(done.out, nullptr, false).is_object() ? nlohmann::json::parse(done.out)
                                                                       : nlohmann::json::object();
  }

  bool MustEqual(const Replica& replica, const Finished& done) {
    if (done.exit_code == 0 && Answer(done).value("equal", false)) return true;
    outcome_.Problem(absl::StrCat(NameOf(replica), ": rebuild ended with ", done.exit_code, ": ", done.out, done.err));
    return false;
  }

  bool MustServe(const Replica& replica) {
    if (!Eventually([&] { return suite().Serving(replica); }, absl::Seconds(60))) {
      outcome_.Problem(NameOf(replica) + " does not serve after the switch");
      return false;
    }
    if (load_.AwaitAcknowledged(scene_.ledger().acknowledged() + 10)) return true;
    outcome_.Problem("nothing moves beside " + NameOf(replica));
    return false;
  }

  // `says`: where the replica's log says that its store came from.
  bool RestartWith(const Replica& replica, bool other, const std::string& how, const std::string& says) {
    if (const int code = suite().Terminate(replica); code != 0)
      outcome_.Problem(absl::StrCat(NameOf(replica), " ended with ", code));
    other ? static_cast<void>(other_layout_.insert(replica)) : static_cast<void>(other_layout_.erase(replica));
    const size_t before = suite().said(replica).size();
    const absl::Time begun = absl::Now();
    if (!outcome_.Holds(suite().Restart(replica), "starting with another layout")) return false;
    outcome_.Note(absl::StrCat(NameOf(replica), ", ", how, ": ready after ",
                               absl::ToInt64Milliseconds(absl::Now() - begun), " ms"));
    if (!Eventually([&] { return absl::StrContains(suite().said(replica).substr(before), says); }))
      outcome_.Problem(absl::StrCat(NameOf(replica), ", ", how, ": its log does not say '", says, "'"));
    return MustServe(replica);
  }

  Scene& scene_;
  const Load& load_;
  std::set<Replica>& other_layout_;
  Outcome& outcome_;
};

void RunRebuild(const Context& context, Outcome& outcome) {
  std::set<Replica> other_layout;
  Scene scene(context, outcome);
  KafkaSuite::Options options;
  options.program_of = [&other_layout](const Replica& replica) -> std::vector<std::string> {
    if (!other_layout.contains(replica)) return {};
    return {testing::Program("later_version"), std::string(log::ServiceName(replica.service)), "1", "nothing"};
  };
  if (!scene.Begin(1, options)) return;
  Load load(scene.ledger(), scene.client(),
            {.seed = context.seed(),
             .senders = 16,
             .pause = context.FullOrShort(absl::Milliseconds(50), absl::Milliseconds(100))});
  if (!load.AwaitSent(context.settings.commands / 4)) return outcome.Problem("the load stands still");
  Rebuilds rebuilds(scene, load, other_layout, outcome);
  if (!rebuilds.SwitchAll() || !rebuilds.KillInTheMiddle({Topic::kIntake, 0})) return;
  for (const Topic service : {Topic::kOwnership, Topic::kSupplierTracking}) {
    if (!rebuilds.ChangeLayout({service, 1})) return;
  }
  outcome.Note(absl::StrCat("longest gap in acknowledgements ", absl::FormatDuration(load.LongestGap().of_all)));
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat(
      scene.suite().replicas().size(),
      " x a store rebuilt under load and switched; 2 x the tool and 3 x a replica killed in the middle; 2 x a replica "
      "whose layout changes forth, back and forth");
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> RebuildRows() { return {{35, "stores rebuilt beside running replicas", 1, RunRebuild}}; }

}  // namespace throughline::faults
