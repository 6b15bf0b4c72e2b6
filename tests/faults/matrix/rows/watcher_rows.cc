// Row 34: during a large outage with constant news, thousands follow it and their cases on every replica. Other
// callers' commands keep their latency.

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/time/clock.h"

#include "libs/client/load.h"
#include "tests/faults/matrix/scene.h"
#include "tests/support/crowd.h"
#include "tests/support/outage.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::faults {
namespace {

using testing::Crowd;
using testing::Outage;
using testing::Replica;

constexpr char kSupervisor[] = "sam";
constexpr absl::Duration kBetweenNews = absl::Milliseconds(20);
constexpr absl::Duration kMostGap = absl::Seconds(5);
constexpr double kMostRatio = 3;  // of the 99th percentiles; the watchers run on the same machine

// Publishes news about the notices in turn, until it is stopped.
class News {
 public:
  News(Scene& scene, const Outage& outage, Outcome& outcome) {
    thread_ = std::thread([&] {
      const testing::Failover sam(scene.suite(), kSupervisor);
      while (!over_) {
        const auto told = sam.Call<outage::v1::UpdateNoticeResponse>(outage.News(count_++));
        if (!told.ok()) return static_cast<void>(outcome.Holds(told.status(), "telling news"));
        absl::SleepFor(kBetweenNews);
      }
    });
  }
  int64_t Stop() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
    return count_;
  }
  ~News() { Stop(); }

 private:
  std::atomic<bool> over_{false};
  int64_t count_ = 0;
  std::thread thread_;
};

// Half of them follow components or, a few, all notices; the others follow the first cases.
bool Gather(Scene& scene, const Outage& outage, int watchers, std::vector<std::unique_ptr<Crowd>>& crowds,
            Outcome& outcome) {
  intake::v1::ListCasesRequest list;
  list.set_page_size(200);
  const auto cases = scene.client().Call<intake::v1::ListCasesResponse>(list);
  if (!outcome.Holds(cases.status(), "listing cases")) return false;
  if (cases->cases().empty()) return outcome.Problem("there are no cases"), false;
  for (log::Topic service : {log::Topic::kOutageNotice, log::Topic::kIntake}) {
    const std::vector<Replica> replicas = scene.suite().replicas(service);
    for (const Replica& replica : replicas) {
      Crowd& crowd =
          *crowds.emplace_back(std::make_unique<Crowd>(scene.suite().OptionsFor(replica, kPerson), /*connections=*/8));
      const size_t each = static_cast<size_t>(watchers) / 2 / replicas.size();
      for (size_t i = 0; i < each; ++i) {
        if (service == log::Topic::kOutageNotice) {
          crowd.Follow(i < 5 ? Outage::FollowingAll() : Outage::Following(i % outage.size()));
        } else {
          intake::v1::WatchCaseRequest request;
          request.set_case_id(cases->cases(static_cast<int>(i) % cases->cases_size()).case_id());
          crowd.Follow(request);
        }
      }
    }
  }
  for (const auto& crowd : crowds) {
    if (crowd->AwaitHeard(absl::Minutes(3))) continue;
    outcome.Problem("some who follow hear nothing: " + crowd->why().ToString());
    return false;
  }
  return true;
}

double P99Millis(const Ledger& ledger, absl::Time from, absl::Time to) {
  std::vector<absl::Duration> took;
  for (const Ledger::Entry& entry : ledger.entries()) {
    if (entry.answer == Ledger::Answer::kNone || entry.first_sent < from || entry.answered > to) continue;
    took.push_back(entry.answered - entry.first_sent);
  }
  return client::Percentile(took, 0.99);
}

void RunWatchers(const Context& context, Outcome& outcome) {
  const int watchers = context.FullOrShort(10'000, 1'000);
  Outage outage(context.FullOrShort(500, 50));
  Scene scene(context, outcome);
  testing::KafkaSuite::Options options;
  options.flags = {"--limits-streams", "16384", "--limits-identity-streams", "16384"};
  if (!scene.Begin(1, options)) return;
  if (!outcome.Holds(outage.Begin(testing::Failover(scene.suite(), kSupervisor)), "publishing notices")) return;

  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  std::vector<std::unique_ptr<Crowd>> crowds;
  News news(scene, outage, outcome);
  load.AwaitAcknowledged(context.settings.commands / 10);
  const absl::Time alone_from = absl::Now();
  load.AwaitAcknowledged(context.settings.commands * 4 / 10);
  const absl::Time alone_to = absl::Now();

  if (!Gather(scene, outage, watchers, crowds, outcome)) return;
  load.ForgetGaps();
  const absl::Time watched_from = absl::Now();
  const int64_t before = scene.ledger().acknowledged();
  if (!load.AwaitAcknowledged(before + context.settings.commands * 3 / 10))
    outcome.Problem("commands are not answered");
  const absl::Time watched_to = absl::Now();
  const absl::Duration gap = load.LongestGap().of_all;
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  const int64_t told = news.Stop();

  int64_t messages = 0;
  for (const auto& crowd : crowds) {
    messages += crowd->messages();
    if (crowd->ended() > 0) outcome.Problem("a follower's stream was ended: " + crowd->why().ToString());
  }
  crowds.clear();
  const double alone = P99Millis(scene.ledger(), alone_from, alone_to);
  const double watched = P99Millis(scene.ledger(), watched_from, watched_to);
  if (gap > kMostGap) outcome.Problem("no command was answered for " + absl::FormatDuration(gap));
  if (watched > kMostRatio * alone) outcome.Problem("commands wait for those who follow");
  outcome.injected =
      absl::StrCat(watchers, " followers, ", outage.size(), " active notices, news about them ", told, " times");
  outcome.Note(absl::StrCat("p99 ", static_cast<int64_t>(alone), " ms without them, ", static_cast<int64_t>(watched),
                            " ms with them; they were sent ", messages, " messages"));
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> WatcherRows() { return {{34, "thousands of watchers in an outage", 1, RunWatchers}}; }

}  // namespace throughline::faults
