// Row 30: replicas of two versions of every service run side by side under load. They are replaced one at a time,
// forward and back, as services/process/README.md ("Upgrade") says; tests/faults/versions builds the later versions.

#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/scene.h"
#include "tests/faults/matrix/versions.h"

namespace throughline::faults {
namespace {

using log::Topic;
using testing::KafkaSuite;
using testing::Replica;

constexpr Version kWrites2{2, "ignorable"}, kReads3{3}, kWritesSome3{3, "ignorable"}, kWritesAll3{3, "all"};

double Stopped(const KafkaSuite& suite, const Replica& replica) {
  return suite.Number(replica, "throughline_fold_stopped_partitions");
}

// Checks all the time that no replica has a stopped partition.
class Watch {
 public:
  Watch(const KafkaSuite& suite, std::vector<Replica> replicas)
      : thread_([this, &suite, replicas = std::move(replicas)] {
          while (!over_.load()) {
            for (const Replica& replica : replicas) {
              ++looks_;
              if (Stopped(suite, replica) > 0) stopped_.insert(NameOf(replica));
            }
            absl::SleepFor(absl::Milliseconds(100));
          }
        }) {}
  // The partitions that it saw stopped.
  void End(Outcome& outcome) {
    over_.store(true);
    thread_.join();
    for (const std::string& name : stopped_) outcome.Problem(name + " stopped a partition");
    outcome.Note(absl::StrCat("looked ", looks_, " times for a partition that stopped"));
  }
  ~Watch() {
    over_.store(true);
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<bool> over_{false};
  std::set<std::string> stopped_;  // used by the thread until it is joined
  int64_t looks_ = 0;
  std::thread thread_;
};

class Upgrade {
 public:
  Upgrade(Scene& scene, Versions& versions, Outcome& outcome)
      : scene_(scene), versions_(versions), outcome_(outcome), all_(scene.suite().replicas()) {}

  const std::vector<Replica>& all() const { return all_; }
  std::vector<Replica> Of(Topic service) const { return scene_.suite().replicas(service); }
  std::vector<Replica> Except(Topic service) const {
    std::vector<Replica> others = all_;
    std::erase_if(others, [&](const Replica& replica) { return replica.service == service; });
    return others;
  }

  // One replica at a time; commands are acknowledged between any two.
  bool Take(std::vector<Replica> replicas, Version version, const Load& load) {
    for (const Replica& replica : replicas) {
      const bool running = scene_.suite().running(replica);
      if (const int code = scene_.suite().Terminate(replica); running && code != 0)
        outcome_.Problem(absl::StrCat(NameOf(replica), " ended with ", code));
      versions_.Set(replica, version);
      if (!outcome_.Holds(scene_.suite().Restart(replica), absl::StrCat("version ", version.number))) return false;
      ++replaced_;
      if (!load.AwaitAcknowledged(scene_.ledger().acknowledged() + 10)) {
        outcome_.Problem(absl::StrCat("nothing moves with ", NameOf(replica), " in version ", version.number));
        return false;
      }
      for (const Replica& other : all_) {
        if (!scene_.suite().Serving(other))
          outcome_.Problem(
              absl::StrCat(NameOf(other), " does not serve beside version ", version.number, " of ", NameOf(replica)));
      }
    }
    return true;
  }

  // The wrong order: a new replica without data meets unknown events. It stops there; the others continue.
  bool TakeBackTooFar(const Replica& replica, Version version, const Load& load) {
    KafkaSuite& suite = scene_.suite();
    suite.Terminate(replica);
    versions_.Set(replica, version);
    std::error_code ignored;
    std::filesystem::remove_all(suite.store(replica), ignored);
    std::atomic<bool> ended{false};
    bool stopped = false, served = false;
    std::thread looks([&] {
      while (!ended.load()) {
        stopped = stopped || Stopped(suite, replica) > 0;
        served = served || suite.Serving(replica);
        absl::SleepFor(absl::Milliseconds(100));
      }
    });
    const auto said = suite.RestartInVain(replica, absl::Seconds(10));
    ended.store(true);
    looks.join();
    const std::string what = absl::StrCat(NameOf(replica), " taken back to version ", version.number);
    if (!outcome_.Holds(said.status(), what)) return false;
    if (!stopped || served) outcome_.Problem(what + " goes on with what it does not know");
    if (!absl::StrContains(*said, "start a newer version")) outcome_.Problem(what + " does not say what to do");
    if (!load.AwaitAcknowledged(scene_.ledger().acknowledged() + 10)) outcome_.Problem("nothing moves beside it");
    return true;
  }

  int replaced() const { return replaced_; }

 private:
  Scene& scene_;
  Versions& versions_;
  Outcome& outcome_;
  const std::vector<Replica> all_;
  int replaced_ = 0;
};

// How many commits of each topic, accepted or void, have an event of this type.
std::map<Topic, int64_t> Written(const Audit& audit, const std::string& type) {
  std::map<Topic, int64_t> written;
  for (const log::Record& record : audit.records()) {
    throughline::log::v1::Commit commit;
    if (!commit.ParseFromString(record.value)) continue;
    for (const auto& event : commit.events()) written[record.partition.topic] += event.type() == type;
  }
  return written;
}

// The upgrade proves something only if the new events were written.
void MustBeWritten(Scene& scene, const std::string& type, const std::vector<Topic>& services, Outcome& outcome) {
  const auto& options = scene.suite().options();
  Audit audit(options.brokers, scene.suite().prefix(), options.partitions);
  if (!outcome.Holds(audit.Read(), "reading the topics")) return;
  std::map<Topic, int64_t> written = Written(audit, "throughline.faults.v1." + type);
  for (Topic service : services) {
    if (written[service] == 0)
      outcome.Problem(absl::StrCat(std::string(log::ServiceName(service)), " wrote no event ", type));
  }
  outcome.Note(absl::StrCat(type, " written ", written[Topic::kIntake], " times in intake's topic"));
}

bool Walk(Scene& scene, Upgrade& upgrade, const Load& load, Outcome& outcome) {
  // Versions that read and do not write yet: every replica of every service forward, back, and forward.
  if (!upgrade.Take(upgrade.all(), kReads2, load) || !upgrade.Take(upgrade.all(), kToday, load)) return false;
  // The shorter order for ignorable events: intake alone reads them, then writes them, beside current others.
  const std::vector<Replica> intake = upgrade.Of(Topic::kIntake), others = upgrade.Except(Topic::kIntake);
  if (!upgrade.Take(intake, kReads2, load) || !upgrade.Take(intake, kWrites2, load)) return false;
  MustBeWritten(scene, "Asked", {Topic::kIntake}, outcome);
  // The others follow at any time, and go back.
  if (!upgrade.Take(others, kReads2, load) || !upgrade.Take(others, kToday, load)) return false;
  if (!upgrade.Take(others, kReads2, load) || !upgrade.Take(others, kWrites2, load)) return false;
  // The full order for events that must not be ignored: all read them; back; and forward.
  if (!upgrade.Take(upgrade.all(), kReads3, load) || !upgrade.Take(upgrade.all(), kWrites2, load)) return false;
  if (!upgrade.Take(intake, kReads3, load) || !upgrade.Take(intake, kWritesSome3, load)) return false;
  MustBeWritten(scene, "Rated", {Topic::kIntake}, outcome);  // in a kind of stream that the others know
  if (!upgrade.Take(others, kReads3, load)) return false;
  if (!upgrade.Take(upgrade.all(), kWritesAll3, load)) return false;
  MustBeWritten(scene, "Escalated", {Topic::kIntake, Topic::kOwnership, Topic::kSupplierTracking}, outcome);
  return upgrade.Take(upgrade.all(), kReads3, load);  // back to reading only
}

void RunTwoVersions(const Context& context, Outcome& outcome) {
  Versions versions(kToday);
  Scene scene(context, outcome);
  KafkaSuite::Options options;
  options.program_of = [&versions](const Replica& replica) { return versions.ProgramOf(replica); };
  if (!scene.Begin(1, options)) return;
  // Slow enough to last for all upgrades.
  Load load(scene.ledger(), scene.client(),
            {.seed = context.seed(),
             .senders = 16,
             .pause = context.FullOrShort(absl::Milliseconds(200), absl::Milliseconds(150))});
  Upgrade upgrade(scene, versions, outcome);
  {
    Watch watch(scene.suite(), upgrade.all());
    if (!Walk(scene, upgrade, load, outcome)) return;
    watch.End(outcome);
  }
  outcome.Note(absl::StrCat("longest gap in acknowledgements ", absl::FormatDuration(load.LongestGap().of_all)));
  const int replaced = upgrade.replaced();
  const Replica other{Topic::kOutageNotice, 0}, own{Topic::kIntake, 0};
  for (const Replica& replica : {other, own}) {
    if (!upgrade.TakeBackTooFar(replica, kReads2, load)) return;
    if (!upgrade.Take({replica}, kReads3, load)) return;
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat(replaced,
                                  " x a replica replaced by another version, three versions, forward and back; "
                                  "2 x one taken back too far");
  versions.SetOthers(kReads3);
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> UpgradeRows() { return {{30, "replicas of two versions side by side", 1, RunTwoVersions}}; }

}  // namespace throughline::faults
