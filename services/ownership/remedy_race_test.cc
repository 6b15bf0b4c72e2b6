// Remedies granted, decided and paid by many at once, on two replicas of the service on one log, with handlers that
// stop in the middle and answers that are lost: no limit is exceeded at any version of any stream, nothing stays half
// done, and every remedy is paid once.

#include <map>
#include <random>
#include <set>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/testing_remedies.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::ownership {
namespace {

// The accepted events of all streams, in the order of the log, by the acceptance rule alone.
template <typename Visit>
void ForEachAccepted(const World& world, const Visit& visit) {
  std::map<std::string, std::string> last;
  for (const auto& [partition, records] : world.book.records) {
    if (partition.topic != Topic::kOwnership) continue;
    for (const auto& record : records) {
      log::v1::Commit commit;
      if (!commit.ParseFromString(record->value) || commit.follows() != last[commit.stream()]) continue;
      last[commit.stream()] = crypto::Sha256(record->value);
      for (const auto& event : commit.events()) visit(commit.stream(), event.data());
    }
  }
}

// A paying system: pays under a payment id what it has not paid under it, as its own books say.
class Bank {
 public:
  void Pay(const v1::PayableRemedy& payable) {
    if (paid_under_.insert(payable.remedy().payment_id()).second) ++paid_[payable.remedy().remedy_id()];
  }
  const std::map<std::string, int>& paid() const { return paid_; }

 private:
  std::set<std::string> paid_under_;
  std::map<std::string, int> paid_;  // remedy -> how often
};

class RemedyRace : public RemediesService {
 protected:
  static constexpr const char* kCustomers[] = {"kim", "lee", "max"};
  static constexpr int kCases = 12;

  RemedyRace() {
    Meet("ana", ROLE_REP);
    Meet("tom", ROLE_SUPERVISOR);
    for (int i = 0; i < kCases; ++i) Open(CaseId(i), kCustomers[i % 3], i % 2 == 0 ? "ana" : "ben");
  }

  static std::string CaseId(int i) { return "k" + std::to_string(i); }
  int Pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  const server::Api& AnyApi() { return Pick(2) == 0 ? *api_ : *other_api_; }

  void Send(const std::string& method, const google::protobuf::Message& request, const std::string& who,
            runtime::Role role) {
    const std::string id = "race " + std::to_string(sent_.size());
    sent_.push_back(Begin(world_, AnyApi(), method, request, Asking(who, role, id)));
    // A client that lost the answer asks again, elsewhere.
    if (Pick(10) == 0) sent_.push_back(Begin(world_, AnyApi(), method, request, Asking(who, role, id)));
  }
  v1::GrantRemedyRequest AnyGrant(int most) {
    const int i = Pick(kCases);
    return GrantRequest(1 + Pick(most), CaseId(i));
  }
  void GrantSomething() {
    const auto request = AnyGrant(60'00);
    const bool ana = (request.case_id().back() - '0') % 2 == 0;
    Send("GrantRemedy", request, ana ? "ana" : "ben", ROLE_REP);
  }
  v1::OwnershipView ViewOfCase(const std::string& case_id) {
    return FindView(node_.store(), case_id).value_or(v1::OwnershipView());
  }
  void DecideSomething() {
    for (int i = 0; i < kCases; ++i) {
      const v1::OwnershipView view = ViewOfCase(CaseId(i));
      for (const v1::Remedy& remedy : view.remedies()) {
        if (remedy.status() == v1::REMEDY_STATUS_COUNTERED) {
          auto request = FromText<v1::AnswerCounterOfferRequest>(R"pb(reason: "no")pb");
          request.set_case_id(CaseId(i));
          request.set_remedy_id(remedy.remedy_id());
          request.set_accepted(Pick(2) == 0);
          Send("AnswerCounterOffer", request, i % 2 == 0 ? "ana" : "ben", ROLE_REP);
        }
        if (remedy.status() != v1::REMEDY_STATUS_REQUESTED) continue;
        for (const char* who : {"sue", "tom"}) Decide(CaseId(i), remedy, who);  // both at once
      }
    }
  }
  void Decide(const std::string& case_id, const v1::Remedy& remedy, const std::string& who) {
    const auto fill = [&](auto request) {
      request.set_case_id(case_id);
      request.set_remedy_id(remedy.remedy_id());
      return request;
    };
    switch (Pick(3)) {
      case 0:
        return Send("ApproveRemedy", fill(v1::ApproveRemedyRequest()), who, ROLE_SUPERVISOR);
      case 1:
        return Send("DeclineRemedy", fill(FromText<v1::DeclineRemedyRequest>(R"pb(reason: "no")pb")), who,
                    ROLE_SUPERVISOR);
      default:
        return Send("CounterRemedy",
                    fill(FromText<v1::CounterRemedyRequest>(R"pb(kind: REMEDY_KIND_CREDIT
                                                                 amount { currency: "EUR" minor_units: 3000 }
                                                                 reason: "r")pb")),
                    who, ROLE_SUPERVISOR);
    }
  }
  void RequestSomething() {
    auto request = RequestRequest(60'00 + Pick(100'00));
    const int i = Pick(kCases);
    request.set_case_id(CaseId(i));
    Send("RequestRemedy", request, i % 2 == 0 ? "ana" : "ben", ROLE_REP);
  }
  // A handler whose process stops after it has reserved.
  void StopInTheMiddle() {
    v1::RemedyOrder order = Order(1 + Pick(60'00));
    const int i = Pick(kCases / 2) * 2;  // ana's
    order.set_case_id(CaseId(i));
    order.set_customer_id(kCustomers[i % 3]);
    order.mutable_reservation()->set_customer_key(CustomerAuthorityKey(order.customer_id(), Period()));
    runtime::Caller ana = Asking("ana", ROLE_REP, "stopped " + order.remedy_id());
    ana.time = world_.clock.Trusted();
    node_.streams().Execute<Authority>({Authority::kKind, order.reservation().person_key()},
                                       ReserveAuthority<v1::RemedyOrder>{order, order}, ana, absl::InfiniteFuture(),
                                       [](const auto&) {});
  }
  void PaySomething(const std::string& bank) {
    const auto listed = Ask<v1::ListRemediesToPayResponse>(
        world_, AnyApi(), "ListRemediesToPay",
        FromText<v1::ListRemediesToPayRequest>(Pick(3) == 0 ? "include_handed_off: true" : ""),
        Asking(bank, ROLE_SERVICE, "list"));
    ASSERT_TRUE(listed.ok()) << listed.status();
    for (const auto& payable : listed->remedies()) {
      const std::string id = std::to_string(++commands_);
      const auto taken = Ask<v1::HandOffRemedyResponse>(world_, AnyApi(), "HandOffRemedy", HandOffRequest(payable),
                                                        Asking(bank, ROLE_SERVICE, "take " + id));
      if (!taken.ok()) continue;   // another one has it
      if (Pick(5) == 0) continue;  // it stops before it pays, and lists again
      const bool works = Pick(6) != 0;
      if (works) bank_.Pay(payable);
      if (Pick(5) == 0) continue;  // it stops before it says so
      if (!works) {
        // What it paid it does not call failed.
        const auto failed = OutcomeRequest(payable, "FAILED");
        if (bank_.paid().contains(payable.remedy().remedy_id())) continue;
        sent_.push_back(
            Begin(world_, AnyApi(), "RecordRemedyOutcome", failed, Asking(bank, ROLE_SERVICE, "say " + id)));
        continue;
      }
      for (int again = 0; again < 2; ++again) {
        sent_.push_back(Begin(world_, AnyApi(), "RecordRemedyOutcome", OutcomeRequest(payable, "PAID"),
                              Asking(bank, ROLE_SERVICE, "say " + id)));
      }
    }
  }
  void MendFailed() {
    for (int i = 0; i < kCases; ++i) {
      const v1::OwnershipView view = ViewOfCase(CaseId(i));
      for (const v1::Remedy& remedy : view.remedies()) {
        if (remedy.status() != v1::REMEDY_STATUS_FAILED) continue;
        auto retry = FromText<v1::RetryRemedyRequest>(R"pb(reason: "r")pb");
        auto give_up = FromText<v1::WithdrawRemedyRequest>(R"pb(reason: "r")pb");
        retry.set_case_id(CaseId(i));
        retry.set_remedy_id(remedy.remedy_id());
        give_up.set_case_id(CaseId(i));
        give_up.set_remedy_id(remedy.remedy_id());
        Pick(3) != 0 ? Send("RetryRemedy", retry, "sue", ROLE_SUPERVISOR)
                     : Send("WithdrawRemedy", give_up, "sue", ROLE_SUPERVISOR);
      }
    }
  }
  void RunSome() {
    if (Pick(2) == 0) (Pick(2) == 0 ? node_ : other_).Run();  // sometimes one is ahead of the other
    world_.Run();
  }

  // At every version of every stream.
  void CheckLimits() {
    std::map<std::string, v1::AuthorityState> authorities;
    std::map<std::string, v1::OwnershipState> cases;
    std::map<std::string, int> granted, paid;
    ForEachAccepted(world_, [&](const std::string& stream, const std::string& bytes) {
      if (absl::StartsWith(stream, "authority/")) {
        v1::AuthorityEvent event;
        ASSERT_TRUE(event.ParseFromString(bytes));
        auto& state = authorities[stream.substr(10)];
        Authority::Evolve(state, event);
        if (!event.has_reserved()) return;
        const v1::RemedyLimits& limits = event.reserved().order().limits();
        const bool person = absl::StartsWith(stream, "authority/person/");
        EXPECT_LE(state.held(0).minor_units(), (person ? limits.per_period() : limits.per_customer()).minor_units())
            << stream;
        EXPECT_EQ(state.held(0).minor_units(), event.reserved().held().minor_units());
        EXPECT_GE(state.held(0).minor_units(), 0);
      } else if (absl::StartsWith(stream, "ownership/")) {
        v1::OwnershipEvent event;
        ASSERT_TRUE(event.ParseFromString(bytes));
        auto& state = cases[stream.substr(10)];
        Ownership::Evolve(state, event);
        if (event.has_remedy_granted()) {
          EXPECT_EQ(++granted[event.remedy_granted().remedy_id()], 1) << "granted twice";
          EXPECT_LE(state.granted(0).minor_units(), event.remedy_granted().limits().per_case().minor_units());
        }
        if (event.remedy_outcome_recorded().outcome() == v1::PAYMENT_OUTCOME_PAID) {
          EXPECT_EQ(++paid[event.remedy_outcome_recorded().remedy_id()], 1) << "paid twice";
        }
      }
    });
    // What is held is what the cases have.
    std::map<std::string, int64_t> used;
    for (const auto& [case_id, state] : cases) {
      for (const v1::Remedy& remedy : state.remedies()) {
        const bool countered = remedy.status() == v1::REMEDY_STATUS_COUNTERED;
        if (!countered && !IsGranted(remedy.status())) continue;
        const auto& reservation = countered ? remedy.counter_offer().reservation() : remedy.reservation();
        const auto& amount = countered ? remedy.counter_offer().amount() : remedy.amount();
        used[reservation.person_key()] += amount.minor_units();
        used[reservation.customer_key()] += amount.minor_units();
      }
    }
    for (const auto& [key, state] : authorities) {
      EXPECT_EQ(state.held_size() > 0 ? state.held(0).minor_units() : 0, used[key]) << key;
    }
    granted_ = std::move(granted);
    paid_ = std::move(paid);
  }
  std::map<std::string, int> Verdicts() {
    std::map<std::string, int> verdicts;
    for (const auto& call : sent_) {
      EXPECT_TRUE(call->status.has_value()) << "a call was not answered";
      if (!call->status) continue;
      ++verdicts[call->status->ok() ? "OK" : runtime::ReasonOf(*call->status).value_or("other")];
    }
    return verdicts;
  }

  Node& other_ = world_.Add(Define({}));
  const std::unique_ptr<server::Api> other_api_ = MakeApi(other_.streams(), {});
  std::mt19937 random_{15};
  std::vector<std::shared_ptr<FakeCall>> sent_;
  Bank bank_;
  std::map<std::string, int> granted_, paid_;
};

TEST_F(RemedyRace, AThousandGrantsFromTwoReplicasExceedNoLimit) {
  while (sent_.size() < 1000) {
    const int together = 1 + Pick(40);
    for (int i = 0; i < together; ++i) GrantSomething();
    if (Pick(5) == 0) StopInTheMiddle();
    RunSome();
  }
  for (int i = 0; i < 5; ++i) world_.Pass(absl::Seconds(3));
  CheckLimits();
  auto verdicts = Verdicts();
  EXPECT_GT(granted_.size(), 10u);
  EXPECT_GT(verdicts["OK"], 10);
  EXPECT_GT(verdicts["ABOVE_AUTHORITY"], 100) << "too few met a limit to test anything";
  for (const auto& [reason, count] : verdicts) {
    EXPECT_TRUE(reason == "OK" || reason == "ABOVE_AUTHORITY" || reason == "NOT_OWNER" || reason == "VERSION_CONFLICT")
        << reason << " " << count;
  }
  EXPECT_EQ(node_.store().Snapshot(), other_.store().Snapshot());
  ExpectRebuildIsTheSame();
}

TEST_F(RemedyRace, OneLimitIsUsedUpToTheLastCentAndNoFurther) {
  // All at once, of one person: 1,000 times 1 EUR, and 500 EUR are in the period.
  for (int i = 0; i < 20; ++i) Open("m" + std::to_string(i), "customer " + std::to_string(i));
  for (int i = 0; i < 1000; ++i) {
    sent_.push_back(Begin(world_, AnyApi(), "GrantRemedy", GrantRequest(1'00, "m" + std::to_string(i % 20)),
                          Asking("ana", ROLE_REP, "all " + std::to_string(i))));
  }
  RunSome();
  for (int i = 0; i < 5; ++i) world_.Pass(absl::Seconds(3));
  // Who lost too many races tries again.
  for (int round = 0; round < 20 && Held("ana") < 500'00; ++round) {
    for (int i = 0; i < 20; ++i) {
      sent_.push_back(Begin(world_, AnyApi(), "GrantRemedy", GrantRequest(1'00, "m" + std::to_string(i)),
                            Asking("ana", ROLE_REP, "more " + std::to_string(round) + "/" + std::to_string(i))));
    }
    RunSome();
  }
  CheckLimits();
  EXPECT_EQ(Held("ana"), 500'00);
  EXPECT_EQ(granted_.size(), 500u);
}

TEST_F(RemedyRace, EveryRemedyIsPaidOnceWhateverStops) {
  for (int round = 0; round < 120; ++round) {
    GrantSomething();
    if (Pick(2) == 0) RequestSomething();
    if (Pick(2) == 0) DecideSomething();
    if (Pick(6) == 0) StopInTheMiddle();
    if (Pick(3) == 0) PaySomething("bank");
    if (Pick(3) == 0) PaySomething("other-bank");
    if (Pick(3) == 0) MendFailed();
    RunSome();
    if (Pick(20) == 0) world_.Pass(absl::Hours(Pick(30)));
    if (HasFailure()) return;
  }
  for (int i = 0; i < 40; ++i) {
    PaySomething("bank");
    PaySomething("other-bank");
    MendFailed();
    world_.Pass(absl::Seconds(3));
  }
  CheckLimits();
  EXPECT_GT(granted_.size(), 20u);
  EXPECT_GT(paid_.size(), 20u);
  // Each was paid once by the paying system's own books, and is recorded as paid once.
  for (const auto& [remedy_id, times] : bank_.paid()) {
    EXPECT_EQ(times, 1) << remedy_id;
    EXPECT_TRUE(paid_.contains(remedy_id)) << remedy_id << " was paid and is not recorded";
  }
  EXPECT_EQ(bank_.paid().size(), paid_.size());
  for (int i = 0; i < kCases; ++i) {
    const v1::OwnershipView view = ViewOfCase(CaseId(i));
    for (const v1::Remedy& remedy : view.remedies()) {
      EXPECT_FALSE(IsToBePaid(remedy.status())) << remedy.ShortDebugString();
    }
  }
  Verdicts();
  EXPECT_EQ(node_.store().Snapshot(), other_.store().Snapshot());
  ExpectRebuildIsTheSame();
}

}  // namespace
}  // namespace throughline::ownership
