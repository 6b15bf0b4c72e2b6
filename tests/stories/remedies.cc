#include "tests/stories/remedies.h"

namespace throughline::stories {
namespace {

namespace v1 = ownership::v1;

template <typename Request>
Request OnRemedy(const std::string& case_id, const std::string& remedy_id = "") {
  Request request;
  request.set_case_id(case_id);
  if constexpr (requires { request.set_remedy_id(remedy_id); }) request.set_remedy_id(remedy_id);
  return request;
}

template <typename Request>
Request What(const std::string& case_id, const common::v1::Money& amount, const std::string& why) {
  auto request = OnRemedy<Request>(case_id);
  request.set_kind(v1::REMEDY_KIND_REFUND);
  *request.mutable_amount() = amount;
  request.set_reason(why);
  return request;
}

}  // namespace

common::v1::Money Dollars(int64_t cents) {
  common::v1::Money money;
  money.set_currency("USD");
  money.set_minor_units(cents);
  return money;
}

v1::GetCaseOptionsResponse SeesOptions(const Colleague& who, const std::string& case_id) {
  return *who.Asks<v1::GetCaseOptionsResponse>(OnRemedy<v1::GetCaseOptionsRequest>(case_id));
}

int64_t MayRefund(const Colleague& who, const std::string& case_id) {
  const auto options = SeesOptions(who, case_id);
  for (const auto& option : options.remedies()) {
    if (option.kind() == v1::REMEDY_KIND_REFUND && option.up_to().currency() == "USD") {
      return option.up_to().minor_units();
    }
  }
  return -1;
}

Reply<v1::GrantRemedyResponse> Grants(const Colleague& who, const std::string& case_id, const common::v1::Money& amount,
                                      const std::string& why) {
  return who.Asks<v1::GrantRemedyResponse>(What<v1::GrantRemedyRequest>(case_id, amount, why));
}

Reply<v1::RequestRemedyResponse> AsksForRemedy(const Colleague& who, const std::string& case_id,
                                               const common::v1::Money& amount, const std::string& why) {
  return who.Asks<v1::RequestRemedyResponse>(What<v1::RequestRemedyRequest>(case_id, amount, why));
}

Reply<v1::ApproveRemedyResponse> Approves(const Colleague& who, const std::string& case_id,
                                          const std::string& remedy_id) {
  return who.Asks<v1::ApproveRemedyResponse>(OnRemedy<v1::ApproveRemedyRequest>(case_id, remedy_id));
}

Reply<v1::DeclineRemedyResponse> DeclinesRemedy(const Colleague& who, const std::string& case_id,
                                                const std::string& remedy_id, const std::string& why) {
  auto request = OnRemedy<v1::DeclineRemedyRequest>(case_id, remedy_id);
  request.set_reason(why);
  return who.Asks<v1::DeclineRemedyResponse>(request);
}

Reply<v1::CounterRemedyResponse> Counters(const Colleague& who, const std::string& case_id,
                                          const std::string& remedy_id, const common::v1::Money& amount,
                                          const std::string& why) {
  auto request = What<v1::CounterRemedyRequest>(case_id, amount, why);
  request.set_remedy_id(remedy_id);
  request.set_kind(v1::REMEDY_KIND_CREDIT);
  return who.Asks<v1::CounterRemedyResponse>(request);
}

Reply<v1::AnswerCounterOfferResponse> HearsAboutOffer(const Colleague& who, const std::string& case_id,
                                                      const std::string& remedy_id, bool accepted) {
  auto request = OnRemedy<v1::AnswerCounterOfferRequest>(case_id, remedy_id);
  request.set_accepted(accepted);
  if (!accepted) request.set_reason("\"No, thank you.\"");
  return who.Asks<v1::AnswerCounterOfferResponse>(request);
}

int PaysIn(const Person& bank, const std::string& case_id) {
  int taken = 0;
  const auto listed = bank.Asks<v1::ListRemediesToPayResponse>(v1::ListRemediesToPayRequest());
  for (const auto& payable : listed->remedies()) {
    if (payable.case_id() != case_id) continue;
    auto take = OnRemedy<v1::HandOffRemedyRequest>(case_id, payable.remedy().remedy_id());
    take.set_payment_id(payable.remedy().payment_id());
    if (!bank.Asks<v1::HandOffRemedyResponse>(take).status().ok()) continue;
    auto paid = OnRemedy<v1::RecordRemedyOutcomeRequest>(case_id, payable.remedy().remedy_id());
    paid.set_payment_id(payable.remedy().payment_id());
    paid.set_outcome(v1::PAYMENT_OUTCOME_PAID);
    paid.set_reference("T-" + payable.remedy().payment_id());
    if (bank.Asks<v1::RecordRemedyOutcomeResponse>(paid).status().ok()) ++taken;
  }
  return taken;
}

v1::Remedy SeesRemedy(const Person& who, const std::string& case_id, const std::string& remedy_id) {
  const auto view = who.SeesOwnership(case_id);
  for (const v1::Remedy& remedy : view.remedies()) {
    if (remedy.remedy_id() == remedy_id) return remedy;
  }
  ADD_FAILURE() << "case " << case_id << " has no remedy " << remedy_id;
  return {};
}

}  // namespace throughline::stories
