// Row 37: an upgrade as `helm upgrade` carries it out, and its rollback. Every StatefulSet replaces its replicas one at
// a time, all of them at the same time: the highest ordinal first, SIGTERM, wait for the exit, start the new version,
// wait until it serves. Applications use client::Client with the addresses of all replicas, and must not notice.

#include <atomic>
#include <thread>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "libs/runtime/domain/refusal.h"
#include "tests/faults/matrix/scene.h"
#include "tests/faults/matrix/versions.h"
#include "tests/support/eventually.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::faults {
namespace {

using log::Topic;
using testing::KafkaSuite;
using testing::Replica;

client::Options ForAllReplicas(const KafkaSuite& suite) {
  client::Options options;
  options.token = suite.token(kPerson);
  std::vector<std::string> named;
  for (Topic service : log::kTopics) {
    std::vector<std::string> addresses;
    for (const Replica& replica : suite.replicas(service)) addresses.push_back(suite.address(replica));
    named.push_back(absl::StrCat(std::string(log::ServiceName(service)), "=", absl::StrJoin(addresses, ",")));
  }
  options.address = absl::StrJoin(named, ",");
  return options;
}

// As an application does: sends it again, with the same command id, until it is answered.
constexpr absl::Duration kPatience = absl::Seconds(30);

// The calls of one kind, as applications see them: after all retries.
class Seen {
 public:
  template <typename Call>
  absl::Status Try(const Call& call) {
    const absl::Time began = absl::Now();
    int more = 0;
    absl::Status status = call();
    for (; testing::OutcomeUnknown(status) && absl::Now() - began < kPatience; ++more) status = call();
    Add(status, began, more);
    return status;
  }
  // What was seen since the last report.
  std::string Report(const std::string& what, Outcome& outcome) {
    absl::MutexLock lock(&mutex_);
    outcome.longest_gap = std::max(outcome.longest_gap.value_or(absl::ZeroDuration()), gap_);
    if (failed_ > 0) outcome.Problem(absl::StrCat(failed_, " ", what, " failed, the first: ", first_.ToString()));
    const std::string text = absl::StrCat(
        calls_, " ", what, ", ", failed_, " failed, ", again_, " sent again by the application, longest gap ",
        absl::ToInt64Milliseconds(gap_), " ms, slowest ", absl::ToInt64Milliseconds(slowest_), " ms");
    calls_ = failed_ = again_ = 0;
    slowest_ = gap_ = absl::ZeroDuration();
    return text;
  }

 private:
  void Add(const absl::Status& status, absl::Time began, int more) {
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mutex_);
    ++calls_;
    again_ += more > 0;
    slowest_ = std::max(slowest_, now - began);
    if (testing::OutcomeUnknown(status)) {
      if (failed_++ == 0) first_ = status;
      return;
    }
    gap_ = std::max(gap_, now - last_);
    last_ = now;
  }

  absl::Mutex mutex_;
  int64_t again_ ABSL_GUARDED_BY(mutex_) = 0;  // for which the client's own retries were not enough
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0, failed_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status first_ ABSL_GUARDED_BY(mutex_);
  absl::Duration slowest_ ABSL_GUARDED_BY(mutex_), gap_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_ ABSL_GUARDED_BY(mutex_) = absl::Now();
};

// Each thread is an application with a client of its own. The constructor starts them.
class Applications {
 public:
  Applications(Scene& scene, uint64_t seed) : ledger_(scene.ledger()), options_(ForAllReplicas(scene.suite())) {
    for (int i = 0; i < kWriters; ++i) {
      threads_.emplace_back([this, seed, i] { Write(seed * 1000 + static_cast<uint64_t>(i)); });
    }
    for (int i = 0; i < kReaders; ++i) threads_.emplace_back([this] { Read(); });
  }
  ~Applications() { Stop(); }
  void Stop() {
    stop_.store(true);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  // Follows the case until Stop, from replica to replica.
  void Follow(const std::string& case_id) {
    threads_.emplace_back([this, case_id] { Watch(case_id); });
  }

  void Report(const std::string& when, Outcome& outcome) {
    outcome.Note(absl::StrCat(when, ": ", commands_.Report("commands", outcome)));
    outcome.Note(absl::StrCat(when, ": ", reads_.Report("reads", outcome)));
    absl::MutexLock lock(&mutex_);
    outcome.Note(absl::StrCat(when, ": ", moved_, " streams went to another replica, ", without_reason_,
                              " of them without a reason"));
    if (moved_ == 0) outcome.Problem("no stream had to move: the rollout proves nothing about streams");
    if (without_reason_ > 0) outcome.Problem("streams ended without a reason, the first: " + first_);
    for (const std::string& ended : ended_) outcome.Problem("a stream ended for good: " + ended);
    moved_ = without_reason_ = 0;
  }

 private:
  static constexpr int kWriters = 12, kReaders = 6;

  void Write(uint64_t seed) {
    const client::Client client(options_);
    std::mt19937_64 random(seed);
    while (!stop_.load()) {
      Ledger::Entry& entry = *ledger_.Make(random);
      ledger_.Note(entry, commands_.Try([&] { return client.CallInto(*entry.request, *entry.response); }));
    }
  }
  void Read() {
    const client::Client client(options_);
    intake::v1::ListCasesRequest cases;
    supplier::v1::ListOrdersRequest orders;
    cases.set_page_size(5);
    orders.set_page_size(5);
    while (!stop_.load()) {
      (void)reads_.Try([&] { return client.Call<intake::v1::ListCasesResponse>(cases).status(); });
      (void)reads_.Try([&] { return client.Call<supplier::v1::ListOrdersResponse>(orders).status(); });
      absl::SleepFor(absl::Milliseconds(10));  // the load is for writers
    }
  }
  void Watch(const std::string& case_id) {
    const client::Client client(options_);
    intake::v1::WatchCaseRequest request;
    request.set_case_id(case_id);
    while (!stop_.load()) {
      const absl::Status status = client.Watch<intake::v1::WatchCaseResponse>(
          request, [this](const auto&) { return !stop_.load(); }, absl::Seconds(2),
          [this](const absl::Status& why) { Moved(why); });
      if (status.ok() || absl::IsDeadlineExceeded(status)) continue;  // its own time is over
      absl::MutexLock lock(&mutex_);
      ended_.push_back(status.ToString());
    }
  }
  void Moved(const absl::Status& why) {
    absl::MutexLock lock(&mutex_);
    ++moved_;
    if (runtime::ReasonOf(why) == "SHUTTING_DOWN") return;
    if (without_reason_++ == 0) first_ = why.ToString();
  }

  Ledger& ledger_;
  const client::Options options_;
  std::atomic<bool> stop_{false};
  Seen commands_, reads_;
  absl::Mutex mutex_;
  int moved_ ABSL_GUARDED_BY(mutex_) = 0, without_reason_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string first_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> ended_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

// One StatefulSet.
class RollingUpdate {
 public:
  RollingUpdate(KafkaSuite& suite, Versions& versions, Topic service, Version version)
      : thread_([this, &suite, &versions, service, version] {
          std::vector<Replica> replicas = suite.replicas(service);
          for (auto replica = replicas.rbegin(); replica != replicas.rend() && status_.ok(); ++replica) {
            status_ = Replace(suite, versions, *replica, version);
          }
        }) {}
  absl::Status Join() {
    thread_.join();
    return status_;
  }
  absl::Duration slowest_drain() const { return slowest_drain_; }

 private:
  absl::Status Replace(KafkaSuite& suite, Versions& versions, const Replica& replica, Version version) {
    const absl::Time told = absl::Now();
    const int code = suite.Terminate(replica);
    slowest_drain_ = std::max(slowest_drain_, absl::Now() - told);
    if (code != 0) return absl::InternalError(absl::StrCat(NameOf(replica), " ended with ", code));
    versions.Set(replica, version);
    if (absl::Status status = suite.Restart(replica); !status.ok()) return status;
    const bool serves = Eventually([&] { return suite.Serving(replica); });
    return serves ? absl::OkStatus() : absl::UnavailableError(NameOf(replica) + " does not serve");
  }

  absl::Status status_;  // the thread's until it is joined, as the next
  absl::Duration slowest_drain_;
  std::thread thread_;
};

bool RollOut(KafkaSuite& suite, Versions& versions, Version version, const std::string& when, Outcome& outcome) {
  const absl::Time began = absl::Now();
  std::vector<std::unique_ptr<RollingUpdate>> updates;
  for (Topic service : log::kTopics) {
    updates.push_back(std::make_unique<RollingUpdate>(suite, versions, service, version));
  }
  absl::Duration drain;
  bool all = true;
  for (const auto& update : updates) {
    all = outcome.Holds(update->Join(), when) && all;
    drain = std::max(drain, update->slowest_drain());
  }
  outcome.Note(absl::StrCat(when, ": ", suite.replicas().size(), " replicas in ",
                            absl::ToInt64Milliseconds(absl::Now() - began), " ms; SIGTERM to exit at most ",
                            absl::ToInt64Milliseconds(drain), " ms"));
  return all;
}

void RunRollout(const Context& context, Outcome& outcome) {
  Versions versions(kToday);
  Scene scene(context, outcome);
  KafkaSuite::Options options;
  options.program_of = [&versions](const Replica& replica) { return versions.ProgramOf(replica); };
  if (!scene.Begin(1, options)) return;
  const auto acknowledged = [&](int64_t more) {
    const int64_t enough = scene.ledger().acknowledged() + more;
    return Eventually([&] { return scene.ledger().acknowledged() >= enough; }, absl::Minutes(3));
  };
  {
    Applications applications(scene, context.seed());
    if (!acknowledged(context.settings.commands / 4)) return outcome.Problem("nothing moves");
    intake::v1::ListCasesRequest list;
    list.set_page_size(20);
    const auto cases = scene.client().Call<intake::v1::ListCasesResponse>(list);
    if (!outcome.Holds(cases.status(), "listing cases")) return;
    for (const auto& view : cases->cases()) applications.Follow(view.case_id());
    for (int round = 0; round < context.FullOrShort(3, 1); ++round) {
      if (!RollOut(scene.suite(), versions, kReads2, "forward", outcome)) return;
      applications.Report("forward", outcome);
      if (!acknowledged(context.settings.commands / 8)) outcome.Problem("nothing moves after the upgrade");
      if (!RollOut(scene.suite(), versions, kToday, "back", outcome)) return;
      applications.Report("back", outcome);
      if (!acknowledged(context.settings.commands / 8)) outcome.Problem("nothing moves after the rollback");
    }
  }
  outcome.injected = "rolling updates of all services at once, one replica of each down at a time, forward and back";
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> RolloutRows() { return {{37, "rolling upgrade and rollback of all services", 1, RunRollout}}; }

}  // namespace throughline::faults
