#pragma once

// The people in a story. Each act is one call of the public API with the person's own credential, and returns a Reply
// (reply.h).
//
//   Colleague ana(company, "ana");
//   const std::string c = ana.TakesCall("mira", "Where is my order?", {.order = "SO-1"})->case_id();
//   ana.Promises(c, "I call you back today.", In(absl::Hours(4)));
//
// Every read sees at least what anybody was told before (company.h). One thread.

#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/timestamp.pb.h"

#include "tests/stories/company.h"
#include "tests/stories/reply.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/queries.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/ownership/v1/report.pb.h"

namespace throughline::stories {

// That long from now.
google::protobuf::Timestamp In(absl::Duration duration);

// What a case is about.
struct About {
  std::optional<std::string> order = {};
  std::optional<std::string> component = {};
};

// Anybody with a credential.
class Person {
 public:
  Person(Company& company, std::string name) : company_(company), name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  const client::Client& line() const { return company_.Lines(name_); }

  // Calls any RPC. Fills in the newest consistency token if the request has a field for it.
  template <class Response, class Request>
  Reply<Response> Asks(Request request) const {
    Response response;
    const absl::Status status = Call(request, response);
    return {name_ + ": " + request.ShortDebugString(), status, std::move(response)};
  }

  // Reads.
  intake::v1::CaseView SeesCase(const std::string& case_id) const;
  std::vector<intake::v1::Interaction> SeesInteractions(const std::string& case_id) const;
  std::vector<intake::v1::CaseView> SeesCases(const intake::v1::ListCasesRequest& about) const;
  ownership::v1::OwnershipView SeesOwnership(const std::string& case_id) const;
  // The history of a case, the newest last.
  std::vector<ownership::v1::CaseHistoryEntry> SeesHistory(const std::string& case_id) const;
  // The numbers of the last days, all together.
  ownership::v1::ReportNumbers SeesNumbers() const;
  Reply<outage::v1::CheckComponentResponse> ChecksComponent(const std::string& component_id) const;

  // Watches until `is_so` is true for a message; false once patience is over.
  bool SeesCaseUntil(const std::string& case_id, const std::function<bool(const intake::v1::CaseView&)>& is_so) const;
  bool SeesNoticeUntil(const std::string& notice_id,
                       const std::function<bool(const outage::v1::NoticeView&)>& is_so) const;

 protected:
  absl::Status Call(google::protobuf::Message& request, google::protobuf::Message& response) const;

  Company& company_;
  const std::string name_;
};

// A rep or a supervisor.
class Colleague : public Person {
 public:
  using Person::Person;

  // Visible to everybody when these return.
  void IsAvailable() const { SetAvailability(ownership::v1::PERSON_KIND_REP, true, false); }
  void IsAway() const { SetAvailability(ownership::v1::PERSON_KIND_REP, false, false); }
  void IsOnDuty() const { SetAvailability(ownership::v1::PERSON_KIND_SUPERVISOR, false, true); }

  // Interactions with the customer.
  Reply<intake::v1::OpenCaseResponse> TakesCall(const std::string& customer, const std::string& words,
                                                const About& about = {}) const;
  Reply<intake::v1::RecordInteractionResponse> HearsFromCustomer(const std::string& case_id,
                                                                 const std::string& words) const;
  Reply<intake::v1::RecordInteractionResponse> TellsCustomer(const std::string& case_id, const std::string& words,
                                                             bool company_mistake = false) const;

  // Promises.
  Reply<ownership::v1::MakePromiseResponse> Promises(const std::string& case_id, const std::string& what,
                                                     const google::protobuf::Timestamp& due) const;
  Reply<ownership::v1::KeepPromiseResponse> Keeps(const std::string& case_id, const std::string& promise_id,
                                                  const std::string& how) const;
  Reply<ownership::v1::RenegotiatePromiseResponse> Renegotiates(const std::string& case_id,
                                                                const std::string& promise_id,
                                                                const google::protobuf::Timestamp& new_due,
                                                                const std::string& reason) const;

  // Hand-overs. Without `until` the offer lasts as long as the service allows.
  Reply<ownership::v1::OfferHandoffResponse> Offers(const std::string& case_id, const std::string& to,
                                                    const std::string& reason,
                                                    std::optional<google::protobuf::Timestamp> until = {}) const;
  Reply<ownership::v1::AcceptHandoffResponse> Accepts(const std::string& case_id, const std::string& handoff_id) const;
  Reply<ownership::v1::DeclineHandoffResponse> Declines(const std::string& case_id, const std::string& handoff_id,
                                                        const std::string& reason) const;

  // Help of a person, by a time.
  Reply<ownership::v1::RequestHelpResponse> AsksForHelp(const std::string& case_id, const std::string& of,
                                                        const std::string& what,
                                                        const google::protobuf::Timestamp& due) const;
  Reply<ownership::v1::KeepCommitmentResponse> Helps(const std::string& case_id, const std::string& help_id,
                                                     const std::string& what_changed) const;
  Reply<ownership::v1::HandBackHelpResponse> HandsBack(const std::string& case_id, const std::string& help_id,
                                                       const std::string& reason) const;

  // From a proposed resolution to closing and reopening.
  Reply<ownership::v1::ProposeResolutionResponse> Proposes(const std::string& case_id, const std::string& text) const;
  Reply<ownership::v1::ConfirmResolutionResponse> HearsYes(const std::string& case_id, const std::string& words) const;
  Reply<ownership::v1::RejectResolutionResponse> HearsNo(const std::string& case_id, const std::string& words) const;
  Reply<ownership::v1::CloseCaseResponse> Closes(const std::string& case_id, const std::string& reason = "",
                                                 const std::vector<std::string>& options = {}) const;
  Reply<ownership::v1::ReopenCaseResponse> Reopens(const std::string& case_id, const std::string& reason) const;

  // What the customer said last needs no answer, or a broken promise has been seen.
  Reply<ownership::v1::AcknowledgeWorkItemResponse> Acknowledges(const ownership::v1::WorklistItem& item,
                                                                 const std::string& reason = "") const;

  // The entry in their worklist for this reason and case; with `team`, in the team's.
  std::vector<ownership::v1::WorklistItem> SeesInQueue(const std::string& case_id, ownership::v1::WorklistReason reason,
                                                       bool team = false) const;

  // Components and notices.
  Reply<outage::v1::DefineComponentResponse> Defines(const std::string& component_id, const std::string& name) const;
  // When it returns, intake knows the notice and links new cases from their first event.
  Reply<outage::v1::PublishNoticeResponse> Publishes(const outage::v1::PublishNoticeRequest& notice) const;
  Reply<outage::v1::UpdateNoticeResponse> Updates(const std::string& notice_id, const std::string& text,
                                                  const google::protobuf::Timestamp& next_update_due) const;
  Reply<outage::v1::ResolveNoticeResponse> Resolves(const std::string& notice_id, const std::string& text) const;

 private:
  void SetAvailability(ownership::v1::PersonKind kind, bool available, bool on_duty) const;
  // Waits until intake has folded up to the newest consistency token.
  void WaitForIntake() const;
};

}  // namespace throughline::stories
