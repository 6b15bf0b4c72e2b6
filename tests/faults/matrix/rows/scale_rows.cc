// Row 36: replicas of every service go from one to five and back under load. New ones start from the newest backup that
// is sound: one of them beside a damaged newest, one killed during its restore, one after its own store was damaged.

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/time/clock.h"

#include "libs/store/rocks/rocks_key_value.h"
#include "services/process/backup/backup_request.h"
#include "tests/faults/matrix/scene.h"

namespace throughline::faults {
namespace {

namespace fs = std::filesystem;
using log::Topic;
using process::Backup;
using testing::KafkaSuite;
using testing::Replica;

constexpr int kMost = 5;

// Of the files with that in their names, the largest.
fs::path Largest(const std::string& folder, const std::string& part) {
  fs::path largest;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (!absl::StrContains(file.path().filename().string(), part)) continue;
    if (largest.empty() || file.file_size() > fs::file_size(largest)) largest = file.path();
  }
  return largest;
}

// A backup on the same disk shares its files with a running store: that must not be damaged, too.
void Damage(const fs::path& path) {
  const fs::path own = path.string() + ".own";
  fs::copy_file(path, own);
  fs::rename(own, path);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<double>(fs::file_size(path));
  for (double at = 0.1; at < 0.9; at += 0.2) {
    file.seekp(static_cast<std::streamoff>(size * at));
    file << std::string(16, '\x5a');
  }
}

class Scaling {
 public:
  Scaling(Scene& scene, Outcome& outcome, std::vector<Topic> services)
      : scene_(scene), outcome_(outcome), services_(std::move(services)) {}

  // A backup of each service, now.
  bool TakeBackups() {
    for (Topic service : services_) {
      const auto taken = process::RequestBackup(suite().data({service, 0}), "", absl::Minutes(1));
      if (!outcome_.Holds(taken.status(), "taking a backup")) return false;
      newest_[service] = *taken;
    }
    return true;
  }
  void DamageNewest() {
    for (const auto& [service, backup] : newest_) Damage(Largest(backup.path, ".sst"));
  }

  // One more replica of each service, which must start from `from`.
  bool Add(const std::map<Topic, Backup>& from, const std::vector<std::string>& environment = {}) {
    for (Topic service : services_) {
      const absl::Time began = absl::Now();
      const auto added = suite().Add(service, environment);
      if (!outcome_.Holds(added.status(), "one more replica")) return false;
      Note(*added, absl::Now() - began);
      if (from.empty()) continue;
      if (!StartedFrom(*added, from.at(service))) return false;
    }
    return true;
  }
  // One more replica of each service, which is killed while it copies a backup, and started again.
  bool AddKilled(const std::string& kill_point) {
    for (Topic service : services_) {
      if (suite().Add(service, {"THROUGHLINE_KILL_POINT=" + kill_point}).ok()) {
        outcome_.Problem("it passed the kill point " + kill_point);
        return false;
      }
      const Replica killed = suite().replicas(service).back();
      if (fs::exists(suite().store(killed))) outcome_.Problem("a half restored store has the name of a store");
      if (!outcome_.Holds(suite().Restart(killed), "after the kill")) return false;
      if (!StartedFrom(killed, newest_.at(service))) return false;
    }
    return true;
  }
  bool DamageStoreOf(int number) {
    for (Topic service : services_) {
      const Replica replica{service, number};
      if (const int code = suite().Terminate(replica); code != 0)
        outcome_.Problem(absl::StrCat(NameOf(replica), " ended with ", code));
      Damage(Largest(suite().store(replica), "MANIFEST"));
      if (!outcome_.Holds(suite().Restart(replica), "with a damaged store")) return false;
      if (!StartedFrom(replica, newest_.at(service))) return false;
      if (!fs::exists(store::RocksKeyValue::AsidePath(suite().store(replica))))
        outcome_.Problem("the damaged store of " + NameOf(replica) + " is not set aside");
    }
    return true;
  }
  // As a StatefulSet does: the highest number first.
  void DownTo(int replicas, const Load& load) {
    for (int number = kMost - 1; number >= replicas; --number) {
      for (Topic service : services_) {
        const Replica replica{service, number};
        if (const int code = suite().Terminate(replica); code != 0)
          outcome_.Problem(absl::StrCat(NameOf(replica), " ended with ", code));
      }
      if (!load.AwaitAcknowledged(scene_.ledger().acknowledged() + 50))
        outcome_.Problem(absl::StrCat("nothing moves with ", number, " replicas"));
    }
  }
  // Backups that the youngest replicas refused as damaged.
  double Damaged() const {
    double count = 0;
    for (Topic service : services_) {
      const Replica youngest = suite().replicas(service).back();
      count += suite().Number(youngest, "throughline_backup_refused_total");
    }
    return count;
  }

  const std::map<Topic, Backup>& newest() const { return newest_; }
  size_t services() const { return services_.size(); }

 private:
  KafkaSuite& suite() const { return scene_.suite(); }

  double Folded(const Replica& replica) const {
    return std::max(0.0, suite().Number(replica, "throughline_commits_accepted_total")) +
           std::max(0.0, suite().Number(replica, "throughline_commits_void_total"));
  }
  bool StartedFrom(const Replica& replica, const Backup& backup) {
    const double restored = suite().Number(replica, "throughline_backup_restored_records");
    const double folded = Folded(replica);
    const double by_the_first = Folded({replica.service, 0});  // which folded everything
    if (restored < static_cast<double>(backup.records) || !absl::StrContains(suite().said(replica), backup.path)) {
      outcome_.Problem(absl::StrCat(NameOf(replica), " did not start from ", backup.path, ", but with ", restored));
      return false;
    }
    if (folded > by_the_first - restored / 2)
      outcome_.Problem(absl::StrCat(NameOf(replica), " started with ", restored, " records and still folded ", folded,
                                    " of ", by_the_first));
    return true;
  }
  void Note(const Replica& replica, absl::Duration took) {
    const double restored = std::max(0.0, suite().Number(replica, "throughline_backup_restored_records"));
    outcome_.Note(absl::StrCat(NameOf(replica), " ready after ", absl::ToInt64Milliseconds(took), " ms: ", restored,
                               " records from a backup, ", Folded(replica), " folded"));
  }

  Scene& scene_;
  Outcome& outcome_;
  const std::vector<Topic> services_;
  std::map<Topic, Backup> newest_;
};

// Up to five replicas.
bool Up(Scene& scene, Scaling& scaling, const Load& load, int64_t step, Outcome& outcome) {
  const auto more = [&] { return load.AwaitAcknowledged(scene.ledger().acknowledged() + step); };
  if (!more() || !more() || !scaling.TakeBackups()) return false;
  if (!more() || !scaling.Add(scaling.newest())) return false;
  const auto older = scaling.newest();
  if (!more() || !scaling.TakeBackups()) return false;
  scaling.DamageNewest();
  if (!scaling.Add(older)) return false;
  if (scaling.Damaged() != static_cast<double>(scaling.services()))
    outcome.Problem(absl::StrCat("they refused ", scaling.Damaged(), " backups"));
  if (!more() || !scaling.TakeBackups()) return false;
  if (!scaling.AddKilled("copied:2") || !scaling.DamageStoreOf(1)) return false;
  return scaling.Add({}, {"THROUGHLINE_BACKUP_RESTORE=false"});  // to compare
}

void RunScaling(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  KafkaSuite::Options options;
  options.replicas = 1;
  options.flags = {"--backup-dir", context.directory() + "/backups", "--backup-every", "1h"};
  if (!scene.Begin(1, options)) return;
  const std::vector<Topic> all(std::begin(log::kTopics), std::end(log::kTopics));
  Scaling scaling(scene, outcome, context.FullOrShort(all, {Topic::kIntake, Topic::kSupplierTracking}));
  const int64_t step = context.settings.commands / 8;
  Load load(scene.ledger(), scene.client(), {.seed = context.seed(), .senders = 12});
  if (!Up(scene, scaling, load, step, outcome)) return outcome.Problem("it does not get to five replicas");
  {
    const testing::Failover five(scene.suite(), kPerson, {.patience = absl::Seconds(60), .of_a_try = absl::Seconds(3)});
    Load on_all(scene.ledger(), five, {.seed = context.seed() + 1, .senders = 12});
    if (!on_all.AwaitAcknowledged(scene.ledger().acknowledged() + step)) outcome.Problem("nothing moves with five");
    on_all.ForgetGaps();
    scaling.DownTo(1, on_all);
    on_all.NoteGap("four of five terminated", absl::Milliseconds(500), outcome);
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat("1 to 5 replicas of ", scaling.services(),
                                  " services and back; a damaged newest backup, kill -9 during a restore, a damaged "
                                  "store");
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> ScaleRows() { return {{36, "replicas 1 to 5 and back, from backups", 1, RunScaling}}; }

}  // namespace throughline::faults
