#pragma once

// The fixture of the tests of remedies: what reps, supervisors and a paying system ask of the service.

#include "services/ownership/domain/remedies/authority.h"
#include "services/ownership/testing_people.h"
#include "throughline/ownership/v1/authority.pb.h"
#include "throughline/ownership/v1/remedy_commands.pb.h"

namespace throughline::ownership {

using common::v1::ROLE_SERVICE;

class RemediesService : public People {
 protected:
  std::string Open(const std::string& case_id, const std::string& customer, const std::string& owner = "ana") {
    world_.Write(Topic::kIntake, "case/" + case_id,
                 FromText<intake::v1::CaseEvent>("opened { case_id: \"" + case_id + "\" customer_id: \"" + customer +
                                                 "\" owner: \"" + owner + "\" subject: \"s\" }"));
    return case_id;
  }
  void Say(const std::string& event) {
    world_.Write(Topic::kIntake, "case/c1", FromText<intake::v1::CaseEvent>(event));
  }
  static v1::GrantRemedyRequest GrantRequest(int64_t amount, const std::string& case_id = "c1") {
    auto request = FromText<v1::GrantRemedyRequest>(R"pb(kind: REMEDY_KIND_REFUND
                                                         amount { currency: "EUR" }
                                                         reason: "our price was wrong")pb");
    request.set_case_id(case_id);
    request.mutable_amount()->set_minor_units(amount);
    return request;
  }
  absl::StatusOr<v1::GrantRemedyResponse> GrantAs(const std::string& who, runtime::Role role, int64_t amount,
                                                  const std::string& case_id = "c1") {
    return Give<v1::GrantRemedyResponse>("GrantRemedy", GrantRequest(amount, case_id), who, role);
  }
  absl::StatusOr<v1::GrantRemedyResponse> Grant(int64_t amount, const std::string& case_id = "c1") {
    return GrantAs("ana", ROLE_REP, amount, case_id);
  }
  static v1::RequestRemedyRequest RequestRequest(int64_t amount) {
    auto request = FromText<v1::RequestRemedyRequest>(R"pb(case_id: "c1"
                                                           kind: REMEDY_KIND_REFUND
                                                           amount { currency: "EUR" }
                                                           reason: "our price was wrong")pb");
    request.mutable_amount()->set_minor_units(amount);
    return request;
  }
  absl::StatusOr<v1::RequestRemedyResponse> Request(int64_t amount) {
    return Give<v1::RequestRemedyResponse>("RequestRemedy", RequestRequest(amount));
  }
  absl::Status Approve(const std::string& remedy_id, int64_t amount = 0, const std::string& who = "sue",
                       const std::string& case_id = "c1") {
    v1::ApproveRemedyRequest request;
    request.set_case_id(case_id);
    request.set_remedy_id(remedy_id);
    if (amount > 0) request.mutable_amount()->set_currency("EUR");
    if (amount > 0) request.mutable_amount()->set_minor_units(amount);
    return Give<v1::ApproveRemedyResponse>("ApproveRemedy", request, who, ROLE_SUPERVISOR).status();
  }
  absl::Status Counter(const std::string& remedy_id, int64_t amount) {
    auto request = FromText<v1::CounterRemedyRequest>(R"pb(case_id: "c1"
                                                           kind: REMEDY_KIND_CREDIT
                                                           amount { currency: "EUR" }
                                                           reason: "a credit is quicker")pb");
    request.set_remedy_id(remedy_id);
    request.mutable_amount()->set_minor_units(amount);
    return Give<v1::CounterRemedyResponse>("CounterRemedy", request, "sue", ROLE_SUPERVISOR).status();
  }
  absl::Status Answer(const std::string& remedy_id, bool accepted) {
    auto request = FromText<v1::AnswerCounterOfferRequest>(R"pb(case_id: "c1" reason: "too little")pb");
    request.set_remedy_id(remedy_id);
    request.set_accepted(accepted);
    return Give<v1::AnswerCounterOfferResponse>("AnswerCounterOffer", request).status();
  }
  absl::Status Withdraw(const std::string& remedy_id) {
    auto request = FromText<v1::WithdrawRemedyRequest>(R"pb(case_id: "c1" reason: "given up")pb");
    request.set_remedy_id(remedy_id);
    return Give<v1::WithdrawRemedyResponse>("WithdrawRemedy", request).status();
  }
  absl::Status Close(const std::string& case_id) {
    auto request = FromText<v1::CloseCaseRequest>(R"pb(reason: "r" options_offered: "o")pb");
    request.set_case_id(case_id);
    return Give<v1::CloseCaseResponse>("CloseCase", request).status();
  }

  v1::ListRemediesToPayResponse ToPay(const std::string& request = "") {
    const auto listed = Give<v1::ListRemediesToPayResponse>(
        "ListRemediesToPay", FromText<v1::ListRemediesToPayRequest>(request), "bank", ROLE_SERVICE);
    EXPECT_TRUE(listed.ok()) << listed.status();
    return listed.value_or(v1::ListRemediesToPayResponse());
  }
  static v1::HandOffRemedyRequest HandOffRequest(const v1::PayableRemedy& payable) {
    v1::HandOffRemedyRequest request;
    request.set_case_id(payable.case_id());
    request.set_remedy_id(payable.remedy().remedy_id());
    request.set_payment_id(payable.remedy().payment_id());
    return request;
  }
  absl::Status HandOff(const v1::PayableRemedy& payable, const std::string& who = "bank") {
    return Give<v1::HandOffRemedyResponse>("HandOffRemedy", HandOffRequest(payable), who, ROLE_SERVICE).status();
  }
  static v1::RecordRemedyOutcomeRequest OutcomeRequest(const v1::PayableRemedy& payable, const std::string& outcome) {
    auto request = FromText<v1::RecordRemedyOutcomeRequest>("outcome: PAYMENT_OUTCOME_" + outcome +
                                                            " reference: \"T-1\" reason: \"no such account\"");
    request.set_case_id(payable.case_id());
    request.set_remedy_id(payable.remedy().remedy_id());
    request.set_payment_id(payable.remedy().payment_id());
    return request;
  }
  absl::StatusOr<v1::RecordRemedyOutcomeResponse> Record(const v1::PayableRemedy& payable, const std::string& outcome) {
    return Give<v1::RecordRemedyOutcomeResponse>("RecordRemedyOutcome", OutcomeRequest(payable, outcome), "bank",
                                                 ROLE_SERVICE);
  }
  absl::Status Outcome(const v1::PayableRemedy& payable, const std::string& outcome) {
    return Record(payable, outcome).status();
  }

  v1::GetCaseOptionsResponse Options(const std::string& who = "ana") {
    const auto options =
        Give<v1::GetCaseOptionsResponse>("GetCaseOptions", FromText<v1::GetCaseOptionsRequest>("case_id: \"c1\""), who);
    EXPECT_TRUE(options.ok()) << options.status();
    return options.value_or(v1::GetCaseOptionsResponse());
  }
  static int64_t UpTo(const v1::GetCaseOptionsResponse& options, v1::RemedyKind kind) {
    for (const auto& option : options.remedies()) {
      if (option.kind() == kind && option.up_to().currency() == "EUR") return option.up_to().minor_units();
    }
    ADD_FAILURE() << "no option of kind " << kind;
    return -1;
  }
  int64_t HeldBy(const std::string& key) {
    const auto state = kAuthority.Get(node_.store(), key);
    return state && state->held_size() > 0 ? state->held(0).minor_units() : 0;
  }
  std::string Period() { return Config().policy.PeriodOf(world_.clock.Now()); }
  int64_t HeldIn(const std::string& person, const std::string& period) {
    return HeldBy(PersonAuthorityKey(person, period));
  }
  // Of this period.
  int64_t Held(const std::string& person) { return HeldIn(person, Period()); }
  int64_t HeldFor(const std::string& customer) { return HeldBy(CustomerAuthorityKey(customer, Period())); }

  // What a handler reserves first.
  v1::RemedyOrder Order(int64_t amount) {
    auto order = FromText<v1::RemedyOrder>(
        R"pb(case_id: "c1"
             step: REMEDY_STEP_GRANT
             kind: REMEDY_KIND_REFUND
             reason: "our price was wrong"
             customer_id: "kim"
             by: "ana"
             amount { currency: "EUR" })pb");
    order.set_remedy_id("remedy-" + std::to_string(++commands_));
    order.mutable_amount()->set_minor_units(amount);
    v1::PersonProfile rep;
    rep.set_kind(v1::PERSON_KIND_REP);
    *order.mutable_limits() = *Config().policy.LimitsOf(rep, v1::REMEDY_KIND_REFUND, "EUR", false, world_.clock.Now());
    auto& reservation = *order.mutable_reservation();
    reservation.set_reservation_id("reservation-" + std::to_string(commands_));
    reservation.set_person("ana");
    reservation.set_person_key(PersonAuthorityKey("ana", Period()));
    reservation.set_customer_key(CustomerAuthorityKey("kim", Period()));
    return order;
  }
  // As a handler whose process stops then.
  void ReserveOnly(const v1::RemedyOrder& order) {
    runtime::Caller ana = Asking("ana", ROLE_REP, "reserve " + order.remedy_id());
    ana.time = world_.clock.Trusted();
    bool done = false;
    node_.streams().Execute<Authority>({Authority::kKind, order.reservation().person_key()},
                                       ReserveAuthority<v1::RemedyOrder>{order, order}, ana, absl::InfiniteFuture(),
                                       [&done](const auto& outcome) { done = outcome.ok(); });
    world_.Run();
    EXPECT_TRUE(done);
  }
};

}  // namespace throughline::ownership
