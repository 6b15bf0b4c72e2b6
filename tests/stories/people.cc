#include "tests/stories/people.h"

#include "absl/time/clock.h"

#include "libs/runtime/domain/time.h"

namespace throughline::stories {
namespace {

namespace ov1 = ownership::v1;

template <class Request>
Request AboutCase(const std::string& case_id) {
  Request request;
  request.set_case_id(case_id);
  return request;
}

}  // namespace

google::protobuf::Timestamp In(absl::Duration duration) { return runtime::ToProto(absl::Now() + duration); }

absl::Status Person::Call(google::protobuf::Message& request, google::protobuf::Message& response) const {
  if (const auto* wanted = request.GetDescriptor()->FindFieldByName("consistency_token"); wanted != nullptr) {
    request.GetReflection()->SetString(&request, wanted, company_.heard());
  }
  const absl::Status status = line().CallInto(request, response);
  const auto* seen = response.GetDescriptor()->FindFieldByName("consistency_token");
  if (status.ok() && seen != nullptr) company_.Hears(response.GetReflection()->GetString(response, seen));
  return status;
}

intake::v1::CaseView Person::SeesCase(const std::string& case_id) const {
  return Asks<intake::v1::GetCaseResponse>(AboutCase<intake::v1::GetCaseRequest>(case_id))->case_();
}

std::vector<intake::v1::Interaction> Person::SeesInteractions(const std::string& case_id) const {
  const auto got = Asks<intake::v1::GetCaseResponse>(AboutCase<intake::v1::GetCaseRequest>(case_id));
  return {got->interactions().begin(), got->interactions().end()};
}

std::vector<intake::v1::CaseView> Person::SeesCases(const intake::v1::ListCasesRequest& about) const {
  const auto got = Asks<intake::v1::ListCasesResponse>(about);
  return {got->cases().begin(), got->cases().end()};
}

ov1::OwnershipView Person::SeesOwnership(const std::string& case_id) const {
  return Asks<ov1::GetOwnershipResponse>(AboutCase<ov1::GetOwnershipRequest>(case_id))->ownership();
}

std::vector<ov1::CaseHistoryEntry> Person::SeesHistory(const std::string& case_id) const {
  auto request = AboutCase<ov1::GetCaseHistoryRequest>(case_id);
  request.set_page_size(1000);
  const auto got = Asks<ov1::GetCaseHistoryResponse>(request);
  return {got->entries().begin(), got->entries().end()};
}

ov1::ReportNumbers Person::SeesNumbers() const {
  ov1::GetReportRequest request;
  return Asks<ov1::GetReportResponse>(request)->total();
}

Reply<outage::v1::CheckComponentResponse> Person::ChecksComponent(const std::string& component_id) const {
  outage::v1::CheckComponentRequest request;
  request.set_component_id(component_id);
  return Asks<outage::v1::CheckComponentResponse>(request);
}

bool Person::SeesCaseUntil(const std::string& case_id,
                           const std::function<bool(const intake::v1::CaseView&)>& is_so) const {
  bool seen = false;
  const absl::Status status = line().Watch<intake::v1::WatchCaseResponse>(
      AboutCase<intake::v1::WatchCaseRequest>(case_id),
      [&](const intake::v1::WatchCaseResponse& now) { return !(seen = is_so(now.case_())); }, kPatience);
  if (!seen) ADD_FAILURE() << name_ << " watched case " << case_id << " in vain: " << status;
  return seen;
}

bool Person::SeesNoticeUntil(const std::string& notice_id,
                             const std::function<bool(const outage::v1::NoticeView&)>& is_so) const {
  bool seen = false;
  const absl::Status status = line().Watch<outage::v1::WatchNoticesResponse>(
      outage::v1::WatchNoticesRequest(),
      [&](const outage::v1::WatchNoticesResponse& now) {
        return !(seen = now.notice().notice_id() == notice_id && is_so(now.notice()));
      },
      kPatience);
  if (!seen) ADD_FAILURE() << name_ << " watched notice " << notice_id << " in vain: " << status;
  return seen;
}

void Colleague::SetAvailability(ov1::PersonKind kind, bool available, bool on_duty) const {
  ov1::SetAvailabilityRequest request;
  request.set_kind(kind);
  request.set_available(available);
  request.set_on_duty(on_duty);
  Asks<ov1::SetAvailabilityResponse>(request);
  WaitForIntake();
}

void Colleague::WaitForIntake() const {
  intake::v1::ListCasesRequest anything;
  anything.set_page_size(1);
  Asks<intake::v1::ListCasesResponse>(anything);
}

Reply<intake::v1::OpenCaseResponse> Colleague::TakesCall(const std::string& customer, const std::string& words,
                                                         const About& about) const {
  intake::v1::OpenCaseRequest request;
  request.set_customer_id(customer);
  request.set_subject(words.substr(0, 60));
  request.set_text(words);
  request.set_channel(intake::v1::CHANNEL_PHONE);
  if (about.order) request.set_order_id(*about.order);
  if (about.component) request.set_component_id(*about.component);
  return Asks<intake::v1::OpenCaseResponse>(request);
}

Reply<intake::v1::RecordInteractionResponse> Colleague::HearsFromCustomer(const std::string& case_id,
                                                                          const std::string& words) const {
  auto request = AboutCase<intake::v1::RecordInteractionRequest>(case_id);
  request.set_channel(intake::v1::CHANNEL_PHONE);
  request.set_direction(intake::v1::DIRECTION_INBOUND);
  request.set_text(words);
  return Asks<intake::v1::RecordInteractionResponse>(request);
}

Reply<intake::v1::RecordInteractionResponse> Colleague::TellsCustomer(const std::string& case_id,
                                                                      const std::string& words,
                                                                      bool company_mistake) const {
  auto request = AboutCase<intake::v1::RecordInteractionRequest>(case_id);
  request.set_channel(intake::v1::CHANNEL_PHONE);
  request.set_direction(intake::v1::DIRECTION_OUTBOUND);
  request.set_text(words);
  request.set_company_mistake(company_mistake);
  return Asks<intake::v1::RecordInteractionResponse>(request);
}

Reply<ov1::MakePromiseResponse> Colleague::Promises(const std::string& case_id, const std::string& what,
                                                    const google::protobuf::Timestamp& due) const {
  auto request = AboutCase<ov1::MakePromiseRequest>(case_id);
  request.set_text(what);
  *request.mutable_due() = due;
  return Asks<ov1::MakePromiseResponse>(request);
}

Reply<ov1::KeepPromiseResponse> Colleague::Keeps(const std::string& case_id, const std::string& promise_id,
                                                 const std::string& how) const {
  auto request = AboutCase<ov1::KeepPromiseRequest>(case_id);
  request.set_promise_id(promise_id);
  request.set_evidence(how);
  return Asks<ov1::KeepPromiseResponse>(request);
}

Reply<ov1::RenegotiatePromiseResponse> Colleague::Renegotiates(const std::string& case_id,
                                                               const std::string& promise_id,
                                                               const google::protobuf::Timestamp& new_due,
                                                               const std::string& reason) const {
  auto request = AboutCase<ov1::RenegotiatePromiseRequest>(case_id);
  request.set_promise_id(promise_id);
  *request.mutable_new_due() = new_due;
  request.set_reason(reason);
  return Asks<ov1::RenegotiatePromiseResponse>(request);
}

Reply<ov1::OfferHandoffResponse> Colleague::Offers(const std::string& case_id, const std::string& to,
                                                   const std::string& reason,
                                                   std::optional<google::protobuf::Timestamp> until) const {
  auto request = AboutCase<ov1::OfferHandoffRequest>(case_id);
  request.set_to(to);
  request.set_reason(reason);
  if (until) *request.mutable_expires_at() = *until;
  return Asks<ov1::OfferHandoffResponse>(request);
}

Reply<ov1::AcceptHandoffResponse> Colleague::Accepts(const std::string& case_id, const std::string& handoff_id) const {
  auto request = AboutCase<ov1::AcceptHandoffRequest>(case_id);
  request.set_handoff_id(handoff_id);
  return Asks<ov1::AcceptHandoffResponse>(request);
}

Reply<ov1::DeclineHandoffResponse> Colleague::Declines(const std::string& case_id, const std::string& handoff_id,
                                                       const std::string& reason) const {
  auto request = AboutCase<ov1::DeclineHandoffRequest>(case_id);
  request.set_handoff_id(handoff_id);
  request.set_reason(reason);
  return Asks<ov1::DeclineHandoffResponse>(request);
}

Reply<ov1::RequestHelpResponse> Colleague::AsksForHelp(const std::string& case_id, const std::string& of,
                                                       const std::string& what,
                                                       const google::protobuf::Timestamp& due) const {
  auto request = AboutCase<ov1::RequestHelpRequest>(case_id);
  request.set_to(of);
  request.set_text(what);
  *request.mutable_due() = due;
  return Asks<ov1::RequestHelpResponse>(request);
}

Reply<ov1::KeepCommitmentResponse> Colleague::Helps(const std::string& case_id, const std::string& help_id,
                                                    const std::string& what_changed) const {
  auto request = AboutCase<ov1::KeepCommitmentRequest>(case_id);
  request.set_commitment_id(help_id);
  request.set_evidence(what_changed);
  return Asks<ov1::KeepCommitmentResponse>(request);
}

Reply<ov1::HandBackHelpResponse> Colleague::HandsBack(const std::string& case_id, const std::string& help_id,
                                                      const std::string& reason) const {
  auto request = AboutCase<ov1::HandBackHelpRequest>(case_id);
  request.set_commitment_id(help_id);
  request.set_reason(reason);
  return Asks<ov1::HandBackHelpResponse>(request);
}

Reply<ov1::ProposeResolutionResponse> Colleague::Proposes(const std::string& case_id, const std::string& text) const {
  auto request = AboutCase<ov1::ProposeResolutionRequest>(case_id);
  request.set_text(text);
  return Asks<ov1::ProposeResolutionResponse>(request);
}

Reply<ov1::ConfirmResolutionResponse> Colleague::HearsYes(const std::string& case_id, const std::string& words) const {
  auto request = AboutCase<ov1::ConfirmResolutionRequest>(case_id);
  request.set_evidence(words);
  return Asks<ov1::ConfirmResolutionResponse>(request);
}

Reply<ov1::RejectResolutionResponse> Colleague::HearsNo(const std::string& case_id, const std::string& words) const {
  auto request = AboutCase<ov1::RejectResolutionRequest>(case_id);
  request.set_reason(words);
  return Asks<ov1::RejectResolutionResponse>(request);
}

Reply<ov1::CloseCaseResponse> Colleague::Closes(const std::string& case_id, const std::string& reason,
                                                const std::vector<std::string>& options) const {
  auto request = AboutCase<ov1::CloseCaseRequest>(case_id);
  request.set_reason(reason);
  request.mutable_options_offered()->Assign(options.begin(), options.end());
  return Asks<ov1::CloseCaseResponse>(request);
}

Reply<ov1::ReopenCaseResponse> Colleague::Reopens(const std::string& case_id, const std::string& reason) const {
  auto request = AboutCase<ov1::ReopenCaseRequest>(case_id);
  request.set_reason(reason);
  return Asks<ov1::ReopenCaseResponse>(request);
}

Reply<ov1::AcknowledgeWorkItemResponse> Colleague::Acknowledges(const ov1::WorklistItem& item,
                                                                const std::string& reason) const {
  ov1::AcknowledgeWorkItemRequest request;
  request.set_item_id(item.item_id());
  request.set_reason(reason);
  return Asks<ov1::AcknowledgeWorkItemResponse>(request);
}

std::vector<ov1::WorklistItem> Colleague::SeesInQueue(const std::string& case_id, ov1::WorklistReason reason,
                                                      bool team) const {
  ov1::ListWorklistRequest request;
  request.set_page_size(1000);
  request.set_include_team(team);
  std::vector<ov1::WorklistItem> found;
  const auto queue = Asks<ov1::ListWorklistResponse>(request);
  for (const ov1::WorklistItem& item : queue->items()) {
    if (item.case_id() == case_id && item.reason() == reason) found.push_back(item);
  }
  return found;
}

Reply<outage::v1::DefineComponentResponse> Colleague::Defines(const std::string& component_id,
                                                              const std::string& name) const {
  outage::v1::DefineComponentRequest request;
  request.set_component_id(component_id);
  request.set_name(name);
  return Asks<outage::v1::DefineComponentResponse>(request);
}

Reply<outage::v1::PublishNoticeResponse> Colleague::Publishes(const outage::v1::PublishNoticeRequest& notice) const {
  outage::v1::PublishNoticeRequest request = notice;
  outage::v1::PublishNoticeResponse response;
  const absl::Status status = Call(request, response);
  if (status.ok()) WaitForIntake();
  return {name_ + ": " + request.ShortDebugString(), status, std::move(response)};
}

Reply<outage::v1::UpdateNoticeResponse> Colleague::Updates(const std::string& notice_id, const std::string& text,
                                                           const google::protobuf::Timestamp& next_update_due) const {
  outage::v1::UpdateNoticeRequest request;
  request.set_notice_id(notice_id);
  request.set_text(text);
  *request.mutable_next_update_due() = next_update_due;
  request.set_expected_end_unknown(true);
  return Asks<outage::v1::UpdateNoticeResponse>(request);
}

Reply<outage::v1::ResolveNoticeResponse> Colleague::Resolves(const std::string& notice_id,
                                                             const std::string& text) const {
  outage::v1::ResolveNoticeRequest request;
  request.set_notice_id(notice_id);
  request.set_text(text);
  request.set_cause("A certificate had expired.");
  request.set_changed("It was renewed, and is renewed by itself from now on.");
  return Asks<outage::v1::ResolveNoticeResponse>(request);
}

}  // namespace throughline::stories
