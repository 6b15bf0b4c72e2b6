// Row 45: a thousand remedies granted by several people at once, from two replicas, while replicas of ownership are
// killed; and two processes of a paying system that pay them and are stopped in the middle.

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/races.h"
#include "tests/support/eventually.h"
#include "throughline/ownership/v1/authority.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/remedy_commands.pb.h"

namespace throughline::faults {
namespace {

namespace v1 = ownership::v1;

constexpr int kCases = 16;

// What a paying system's books say: under each payment id it pays once.
class Books {
 public:
  void Pay(const v1::Remedy& remedy) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (payments_.insert(remedy.payment_id()).second) ++paid_[remedy.remedy_id()];
  }
  std::map<std::string, int> paid() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return paid_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::string> payments_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> paid_ ABSL_GUARDED_BY(mutex_);  // remedy -> how often
};

// One process of the paying system, at one replica: lists, takes, pays, says so, and stops anywhere in between.
void PayAtOnce(const Race& race, int replica, Books& books, std::mt19937_64& random) {
  v1::ListRemediesToPayRequest list;
  list.set_include_handed_off(random() % 2 == 0);
  const auto listed = race.Ask<v1::ListRemediesToPayResponse>(OwnershipReplica(replica), "webshop", list);
  if (!listed.ok()) return;  // it is down
  for (const auto& payable : listed->remedies()) {
    v1::HandOffRemedyRequest take;
    take.set_case_id(payable.case_id());
    take.set_remedy_id(payable.remedy().remedy_id());
    take.set_payment_id(payable.remedy().payment_id());
    if (!race.Ask<v1::HandOffRemedyResponse>(OwnershipReplica(replica), "webshop", take).ok()) continue;
    if (random() % 8 == 0) continue;
    books.Pay(payable.remedy());
    if (random() % 8 == 0) continue;
    v1::RecordRemedyOutcomeRequest paid;
    paid.set_case_id(payable.case_id());
    paid.set_remedy_id(payable.remedy().remedy_id());
    paid.set_payment_id(payable.remedy().payment_id());
    paid.set_outcome(v1::PAYMENT_OUTCOME_PAID);
    paid.set_reference("T-" + payable.remedy().payment_id());
    race.Ask<v1::RecordRemedyOutcomeResponse>(OwnershipReplica(replica), "webshop", paid).IgnoreError();
  }
}

// At every version of every stream of authority, no more is held than the limits say.
int64_t CheckAuthority(const Audit& audit, const std::string& stream, Outcome& outcome) {
  int64_t held = 0;
  for (const auto& event : EventsOf<v1::AuthorityEvent>(audit, stream)) {
    if (event.has_released()) held -= event.released().amount().minor_units();
    if (!event.has_reserved()) continue;
    const v1::RemedyOrder& order = event.reserved().order();
    held += order.amount().minor_units();
    const bool person = absl::StartsWith(stream, "authority/person/");
    const int64_t limit = (person ? order.limits().per_period() : order.limits().per_customer()).minor_units();
    if (held > limit) outcome.Problem(absl::StrCat(stream, " holds ", held, " of ", limit));
  }
  return held;
}

struct Totals {
  int granted = 0, refused = 0, paid = 0;
  std::map<std::string, int64_t> used;  // by key of the authority
};

void CheckCase(const Audit& audit, const std::string& case_id, Totals& totals, Outcome& outcome) {
  std::map<std::string, int> granted, paid;
  int64_t in_case = 0;
  for (const auto& event : EventsOf<v1::OwnershipEvent>(audit, "ownership/" + case_id)) {
    totals.refused += event.has_remedy_refused();
    if (event.has_remedy_granted()) {
      const v1::RemedyGranted& one = event.remedy_granted();
      if (++granted[one.remedy_id()] > 1) outcome.Problem(one.remedy_id() + " is granted twice");
      in_case += one.amount().minor_units();
      if (in_case > one.limits().per_case().minor_units()) outcome.Problem(case_id + " exceeds its limit");
      totals.used[one.reservation().person_key()] += one.amount().minor_units();
      totals.used[one.reservation().customer_key()] += one.amount().minor_units();
    }
    if (event.has_remedy_outcome_recorded() && ++paid[event.remedy_outcome_recorded().remedy_id()] > 1) {
      outcome.Problem(event.remedy_outcome_recorded().remedy_id() + " is paid twice");
    }
  }
  totals.granted += static_cast<int>(granted.size());
  totals.paid += static_cast<int>(paid.size());
  if (paid.size() != granted.size()) {
    outcome.Problem(absl::StrCat(case_id, ": ", granted.size(), " granted and ", paid.size(), " paid"));
  }
}

void Check(Audit& audit, const std::vector<std::string>& cases, const Books& books, Outcome& outcome) {
  Totals totals;
  const auto complete = [&] {
    if (!outcome.Holds(audit.Read(), "reading the topics")) return true;
    totals = Totals();
    Outcome trial;
    for (const std::string& case_id : cases) CheckCase(audit, case_id, totals, trial);
    for (const auto& [key, amount] : totals.used) {
      if (CheckAuthority(audit, "authority/" + key, trial) != amount) return false;
    }
    return true;
  };
  if (!Eventually(complete, kReactionsTake)) outcome.Problem("what is held is not what the cases have");
  totals = Totals();
  for (const std::string& case_id : cases) CheckCase(audit, case_id, totals, outcome);
  for (const auto& [key, amount] : totals.used) {
    const int64_t held = CheckAuthority(audit, "authority/" + key, outcome);
    if (held != amount) outcome.Problem(absl::StrCat(key, " holds ", held, ", the cases have ", amount));
  }
  const auto paid = books.paid();
  for (const auto& [remedy_id, times] : paid) {
    if (times != 1) outcome.Problem(absl::StrCat(remedy_id, " left the bank ", times, " times"));
  }
  if (static_cast<int>(paid.size()) != totals.paid) {
    outcome.Problem(absl::StrCat(paid.size(), " left the bank, ", totals.paid, " are recorded"));
  }
  outcome.Note(absl::StrCat(totals.granted, " granted, ", totals.refused,
                            " refused by their case or at the customer's ", "limit after authority was reserved, ",
                            totals.paid, " paid"));
  if (totals.granted < 10) outcome.Problem("too few were granted to show anything");
}

void RunRemedies(const Context& context, Outcome& outcome) {
  constexpr int kSenders = 40;
  const int grants = context.FullOrShort(1000, 200);
  const int kills = context.FullOrShort(6, 2);
  Scene scene(context, outcome);
  if (!BeginRace(scene)) return;
  Race race(context, scene.suite(), {"ana", "ben", "sam", "webshop"});
  if (!Introduce(race, {"ana", "ben", "sam"}, outcome)) return;
  std::vector<std::string> cases;
  for (int i = 0; i < kCases; ++i) {
    cases.push_back(
        OpenFor(race, IntakeReplica(i % 2), i % 2 == 0 ? "ana" : "ben", "customer " + std::to_string(i % 3), outcome));
    if (cases.back().empty()) return;
  }
  Books books;
  std::atomic<int> next{0};
  std::atomic<bool> granting{true};
  std::vector<std::thread> threads;
  for (int sender = 0; sender < kSenders; ++sender) {
    threads.emplace_back([&, sender] {
      std::mt19937_64 random(context.seed() * 1000 + static_cast<uint64_t>(sender));
      while (next.fetch_add(1) < grants) {
        const size_t i = random() % cases.size();
        v1::GrantRemedyRequest grant;
        grant.set_case_id(cases[i]);
        grant.set_kind(v1::REMEDY_KIND_REFUND);
        grant.mutable_amount()->set_currency("EUR");
        grant.mutable_amount()->set_minor_units(1 + static_cast<int64_t>(random() % 1500));
        grant.set_reason("the price was wrong");
        const std::string who = random() % 8 == 0 ? "sam" : i % 2 == 0 ? "ana" : "ben";
        race.Send({&race.Make(OwnershipReplica(sender % 2), who, grant)});
      }
    });
  }
  std::vector<std::thread> banks;
  for (int bank = 0; bank < 2; ++bank) {
    banks.emplace_back([&, bank] {
      std::mt19937_64 random(context.seed() * 2000 + static_cast<uint64_t>(bank));
      while (granting) {
        PayAtOnce(race, bank, books, random);
        absl::SleepFor(absl::Milliseconds(20));
      }
    });
  }
  for (int kill = 0; kill < kills && next < grants; ++kill) {
    absl::SleepFor(absl::Milliseconds(700));
    scene.suite().Kill(OwnershipReplica(kill % 2));
    if (!outcome.Holds(scene.suite().Restart(OwnershipReplica(kill % 2)), "starting it again")) break;
  }
  for (std::thread& thread : threads) thread.join();
  granting = false;
  for (std::thread& bank : banks) bank.join();
  // What was begun is completed, and then paid.
  std::mt19937_64 random(context.seed());
  const auto nothing_to_pay = [&] {
    PayAtOnce(race, 0, books, random);
    v1::ListRemediesToPayRequest list;
    list.set_include_handed_off(true);
    const auto left = race.Ask<v1::ListRemediesToPayResponse>(OwnershipReplica(0), "webshop", list);
    return left.ok() && left->remedies().empty();
  };
  absl::SleepFor(absl::Seconds(3));  // a reactor's patience with a handler that was killed
  if (!Eventually(nothing_to_pay, kReactionsTake)) outcome.Problem("remedies stay to be paid");
  outcome.injected = absl::StrCat(grants, " grants from two replicas, ", kills, " replicas killed, two paying systems");
  race.Finish(outcome, [&](Audit& audit) { Check(audit, cases, books, outcome); });
  if (outcome.void_commits == 0) outcome.Problem("no commit was void: there was no race, the row shows nothing");
}

}  // namespace

std::vector<Row> RemedyRows() {
  return {{45, "1,000 grants of remedies at once, replicas and paying systems stopped", 1, RunRemedies}};
}

}  // namespace throughline::faults
