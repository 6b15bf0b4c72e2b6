// Worklists and histories: what a page costs with a million cases, compared with ten thousand; of somebody who owns a
// hundred thousand; and of a case with ten thousand interactions, compared with a hundred.

#include "services/ownership/projections/worklist.h"

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/client/load.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/pages.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/ownership/history/history.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/view/view.h"
#include "services/ownership/projections/worklist_page.h"
#include "tests/bench/support/fixture.h"
#include "tests/bench/support/watchers.h"
#include "tests/support/test_directory.h"

namespace throughline::bench {
namespace {

using namespace ownership;  // NOLINT: its tables

constexpr int kReps = 200;
constexpr int kTeamCount = 10;
constexpr int kReads = 2000;
constexpr int kPage = 100;
const absl::Time kOpened = absl::FromUnixSeconds(1'800'000'000);
const absl::Time kNow = kOpened + absl::Hours(30);

std::string RepName(int64_t n) { return fmt::format("rep-{:03}", n); }
std::string SupervisorName(int64_t n) { return fmt::format("supervisor-{:02}", n); }
constexpr char kBusy[] = "busy";

double P99Millis(std::vector<absl::Duration> took) { return client::Percentile(took, 0.99); }

// The rows that the fold would leave, in a store of their own.
class Cases {
 public:
  Cases(int64_t count, int64_t of_busy) {
    Open();
    Write([&](store::Batch& batch) {
      for (int n = 0; n < kReps; ++n) PutPerson(RepName(n), v1::PERSON_KIND_REP, n % kTeamCount, batch);
      for (int n = 0; n < kTeamCount; ++n) PutPerson(SupervisorName(n), v1::PERSON_KIND_SUPERVISOR, n, batch);
      PutPerson(kBusy, v1::PERSON_KIND_REP, 0, batch);
    });
    constexpr int64_t kAtOnce = 2000;
    for (int64_t n = 0; n < count + of_busy; n += kAtOnce) {
      Write([&](store::Batch& batch) {
        for (int64_t i = n; i < std::min(n + kAtOnce, count + of_busy); ++i) {
          PutCase(i, i < count ? RepName(i * 7919 % kReps) : kBusy, batch);
        }
      });
    }
    Open();  // as after a restart: all rows are in files
  }

  // Reads by several people in turn.
  double P99(const std::function<std::string(int)>& who, bool team, v1::WorklistScope scope) {
    std::vector<absl::Duration> took;
    for (int n = 0; n < kReads; ++n) {
      const absl::Time begun = absl::Now();
      const auto rows = store_->View();
      const WorklistQuery query{who(n), false, kPage, "", "question"};
      const int items =
          scope == v1::WORKLIST_SCOPE_UNASSIGNED
              ? UnassignedPage(*rows, query, kNow).items_size()
              : WorklistPage(*rows, PartsOf(*rows, query.viewer, team, kNow, ""), query, kNow).items_size();
      took.push_back(absl::Now() - begun);
      if (items < std::min(kPage, 25)) Fail(fmt::format("a worklist has only {} items", items));
    }
    return P99Millis(std::move(took));
  }
  double P99OfCommitments() {
    std::vector<absl::Duration> took;
    for (int n = 0; n < kReads; ++n) {
      const absl::Time begun = absl::Now();
      const auto rows = store_->View();
      const std::string who = RepName(n % kReps);
      const auto page =
          CommitmentsPage(*rows, who, v1::COMMITMENT_KIND_UNSPECIFIED, {who, true, kPage, "", "question"}, kNow);
      took.push_back(absl::Now() - begun);
      if (page.commitments_size() == 0) Fail("nothing is owed");
    }
    return P99Millis(std::move(took));
  }

 private:
  void Open() {
    store_.reset();
    store::RocksKeyValue::Options options;
    options.path = directory_.path() + "/store";
    options.layout = "bench";
    options.resident = RosterTables();
    auto store = store::RocksKeyValue::Open(options);
    if (!store.ok()) Fail(store.status().ToString());
    store_ = *std::move(store);
  }
  void Write(const std::function<void(store::Batch&)>& change) {
    store::Batch batch(*store_);
    change(batch);
    store_->Write(batch.TakeChanges());
  }
  static void PutPerson(const std::string& person, v1::PersonKind kind, int team, store::Batch& batch) {
    const std::string name = fmt::format("team-{:02}", team);
    v1::PersonView row;
    row.set_person(person);
    row.mutable_profile()->set_kind(kind);
    row.mutable_profile()->set_team(name);
    row.set_version(1);
    kPersons.Put(batch, person, row);
    ownership::kTeams.Put(batch, name, person, "");
    if (kind != v1::PERSON_KIND_SUPERVISOR) return;
    kSupervisors.Put(batch, name, person, "");
    kOnDuty.Put(batch, name, person, "");
  }
  static void PutCase(int64_t n, const std::string& owner, store::Batch& batch) {
    v1::OwnershipStarted opening;
    opening.set_case_id(fmt::format("{:026}", n * 7919 % 1'000'000'007));
    opening.set_owner(owner);
    opening.set_customer_id(fmt::format("C-{}", n % 100'000));
    opening.set_subject("The lamp is late, and nobody says where it is");
    const absl::Time opened = kOpened + (n % 100'000) * absl::Seconds(1);
    *opening.mutable_opened_at() = runtime::ToProto(opened);
    *opening.mutable_next_update_due() = runtime::ToProto(opened + absl::Hours(24));
    kOpenings.Put(batch, opening.case_id(), opening);
    for (auto& [key, row] : WorklistRowsOf(ViewOf(opening))) batch.Put(key, std::string(row));
    if (n % 1000 == 0) kWaitingCases.Put(batch, opened, opening.case_id(), owner);
  }

  TestDirectory directory_;
  std::unique_ptr<store::RocksKeyValue> store_;
};

// The history of one case, with half of the interactions ours.
class History {
 public:
  explicit History(int interactions) {
    Open();
    for (int n = 0; n < interactions; n += 500) {
      store::Batch batch(*store_);
      for (int i = n; i < std::min(n + 500, interactions); ++i) Add(i, batch);
      store_->Write(batch.TakeChanges());
    }
    Open();  // as after a restart: else the rows of the few would be in memory, and those of the many in files
  }

  // Pages of a hundred entries, one after another.
  double P99(bool newest_first) {
    v1::GetCaseHistoryRequest request;
    request.set_case_id("c");
    request.set_page_size(kPage);
    request.set_newest_first(newest_first);
    std::vector<absl::Duration> took;
    std::string after;
    for (int n = 0; n < kReads; ++n) {
      const absl::Time begun = absl::Now();
      const v1::GetCaseHistoryResponse page = HistoryPage(*store_->View(), request, "question", after);
      took.push_back(absl::Now() - begun);
      if (page.entries_size() == 0) Fail("a page is empty");
      after.clear();
      if (!page.next_page_token().empty()) {
        const auto key = service::AfterPage("question", HistoryPrefix(request), page.next_page_token());
        if (!key.ok()) Fail(key.status().ToString());
        after = *key;
      }
    }
    return P99Millis(std::move(took));
  }

 private:
  void Open() {
    store_.reset();
    store::RocksKeyValue::Options options;
    options.path = directory_.path() + "/store";
    options.layout = "bench";
    auto store = store::RocksKeyValue::Open(options);
    if (!store.ok()) Fail(store.status().ToString());
    store_ = *std::move(store);
  }
  void Add(int n, store::Batch& batch) {
    auto event = std::make_shared<intake::v1::CaseEvent>();
    auto& said = *event->mutable_interaction_recorded();
    said.set_interaction_id(fmt::format("{:026}", n));
    said.set_direction(n % 2 == 0 ? intake::v1::DIRECTION_INBOUND : intake::v1::DIRECTION_OUTBOUND);
    said.set_text(fmt::format("{} {}", n, std::string(200, 'x')));
    said.set_by("ana");
    runtime::AcceptedCommit commit;
    commit.position = {{log::Topic::kIntake, 0}, n};
    commit.stream = {"case", "c"};
    commit.version = static_cast<uint64_t>(n) + 1;
    commit.time = kOpened + n * absl::Seconds(30);
    commit.header = header_;
    commit.events = {std::move(event)};
    projection_.Apply(commit, batch);
  }

  TestDirectory directory_;
  std::unique_ptr<store::RocksKeyValue> store_;
  const std::shared_ptr<const throughline::log::v1::Commit> header_ = std::make_shared<throughline::log::v1::Commit>();
  CaseHistory projection_;
};

}  // namespace

void MeasureWorklists(const Size& size, Report& report) {
  const int64_t of_busy = size.large_orders / 10;
  Progress(fmt::format("worklists: writing {} and {} cases", size.small_orders, size.large_orders));
  Cases few(size.small_orders, 100), many(size.large_orders - of_busy, of_busy);
  const auto rep = [](int n) { return RepName(n % kReps); };
  const auto supervisor = [](int n) { return SupervisorName(n % kTeamCount); };
  const auto busy = [](int) { return std::string(kBusy); };
  struct Measured {
    const char* key;
    std::string what;
    std::function<double(Cases&)> p99;
    double few = 1e9;
    double many = 1e9;
  };
  const auto own = v1::WORKLIST_SCOPE_OWN;
  std::vector<Measured> all = {
      {"worklist", "own worklist", [&](Cases& c) { return c.P99(rep, false, own); }},
      {"worklist_busy", fmt::format("own worklist, {} cases of one owner", of_busy),
       [&](Cases& c) { return c.P99(busy, false, own); }},
      {"worklist_team", fmt::format("worklist of a team of {}", kReps / kTeamCount),
       [&](Cases& c) { return c.P99(supervisor, true, v1::WORKLIST_SCOPE_TEAM); }},
      {"commitments", "open commitments of a person", [](Cases& c) { return c.P99OfCommitments(); }},
  };
  for (int round = 0; round < size.rounds; ++round) {
    Progress(fmt::format("worklists, round {}", round + 1));
    for (Measured& one : all) {
      one.few = std::min(one.few, one.p99(few));
      one.many = std::min(one.many, one.p99(many));
    }
  }
  for (const Measured& one : all) {
    report.AddRatio({fmt::format("{}_1m_vs_10k", one.key),
                     fmt::format("{} p99, {} cases vs {}", one.what, size.large_orders, size.small_orders), one.many,
                     one.few, "ms", one.many / one.few, 2.0, true});
    report.AddValue(fmt::format("{}_p99_ms", one.key), "  a page of 100", one.many, "ms", 10.0);
  }
}

void MeasureHistories(const Size& size, Report& report) {
  Progress("histories: writing 10,000 interactions");
  History few(100), many(10'000);
  for (const bool newest_first : {false, true}) {
    double of_few = 1e9, of_many = 1e9;
    for (int round = 0; round < size.rounds; ++round) {
      of_few = std::min(of_few, few.P99(newest_first));
      of_many = std::min(of_many, many.P99(newest_first));
    }
    const char* order = newest_first ? "newest first" : "oldest first";
    report.AddRatio({newest_first ? "history_newest_10k_vs_100" : "history_oldest_10k_vs_100",
                     fmt::format("history, {}, p99, 10,000 interactions vs 100", order), of_many, of_few, "ms",
                     of_many / of_few, 2.0, true});
    report.AddValue(newest_first ? "history_newest_p99_ms" : "history_oldest_p99_ms", "  a page of 100", of_many, "ms",
                    20.0);
  }
}

}  // namespace throughline::bench
