// What a paying system calls: it lists what is to be paid, takes each remedy, and says what became of it. A remedy that
// moved with a merged case is found on the case that goes on.

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/fields.h"
#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/ownership/api/api.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/projections/view/view.h"

namespace throughline::ownership {
namespace {

using server::Context;
using server::Reply;

v1::ListRemediesToPayResponse PayablePage(const store::KeyValue& rows, const v1::ListRemediesToPayRequest& request,
                                          const std::string& question, const std::string& after) {
  v1::ListRemediesToPayResponse response;
  std::string last;
  const int size = service::PageSize(request);
  kToPay.Scan(rows, after, [&](std::string_view raw, const auto&, const v1::PayableRemedy& row) {
    const v1::Remedy& remedy = row.remedy();
    const bool wanted = (request.include_handed_off() || remedy.status() == v1::REMEDY_STATUS_GRANTED) &&
                        (request.kinds().empty() || absl::c_linear_search(request.kinds(), remedy.kind()));
    if (!wanted) return true;
    if (response.remedies_size() == size) {
      response.set_next_page_token(service::PageToken(question, last));
      return false;
    }
    last = std::string(raw);
    *response.add_remedies() = row;
    return true;
  });
  return response;
}

// The case that has the remedy now, with the facts of its opening. NOT_FOUND: it cannot be seen yet.
struct Payee {
  std::string case_id;
  v1::OwnershipStarted opening;
  bool has_remedy = false;
};
absl::StatusOr<Payee> FindPayee(const store::KeyValue& rows, const std::string& case_id, const std::string& remedy_id) {
  Payee payee{SurvivorOf(rows, case_id)};
  auto opening = kOpenings.Get(rows, payee.case_id);
  if (!opening) return CaseUnknown(case_id);
  payee.opening = *std::move(opening);
  const auto view = FindView(rows, payee.case_id);
  payee.has_remedy = view && FindRemedy(view->remedies(), remedy_id) != nullptr;
  return payee;
}

template <typename Request, typename Response>
void AddPayment(server::Api& api, runtime::Streams& streams, std::string_view method) {
  api.Unary<Request, Response>(method, [&streams](const Context& context, Request request, Reply<Response> reply) {
    runtime::FieldViolations bad;
    runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
    runtime::RequireField(bad, "remedy_id", request.remedy_id(), "name the remedy");
    runtime::RequireField(bad, "payment_id", request.payment_id(), "name the payment, as ListRemediesToPay does");
    if (!bad.empty()) return reply(bad.ToStatus());
    const auto go = [&streams, reply, request](absl::StatusOr<Payee> payee) {
      if (!payee.ok()) return reply(payee.status());
      if (!payee->has_remedy && payee->case_id != request.case_id()) {
        return reply(runtime::Refuse(absl::StatusCode::kUnavailable, "REMEDY_MOVES",
                                     "the case was merged and its remedy is about to move: try again in a moment"));
      }
      OnCase<Request> command{request, payee->opening};
      service::Change<Ownership, Response>(
          streams, reply.context(), {Ownership::kKind, payee->case_id}, std::move(command), reply,
          [case_id = payee->case_id](const auto&, Response& response) { response.set_case_id(case_id); });
    };
    auto payee = FindPayee(*streams.View(), request.case_id(), request.remedy_id());
    if (payee.ok() && payee->has_remedy) return go(std::move(payee));
    streams.AfterPresent(context.deadline(), [&streams, go, reply, request](const absl::Status& status) {
      status.ok() ? go(FindPayee(*streams.View(), request.case_id(), request.remedy_id())) : reply(status);
    });
  });
}

}  // namespace

void AddPayments(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::ListRemediesToPayRequest, v1::ListRemediesToPayResponse>(
      "ListRemediesToPay", [&streams](const Context& context, v1::ListRemediesToPayRequest request, auto reply) {
        const std::string question = service::Question(request);
        auto after = service::AfterPage(question, kToPay.KeyOf(), request.page_token());
        if (!after.ok()) return reply(after.status());
        const std::string token = request.consistency_token();
        service::Read<v1::ListRemediesToPayResponse>(
            streams, context, token, reply,
            [request = std::move(request), question, after = *std::move(after)](const store::KeyValue& rows) {
              return PayablePage(rows, request, question, after);
            });
      });
  AddPayment<v1::HandOffRemedyRequest, v1::HandOffRemedyResponse>(api, streams, "HandOffRemedy");
  AddPayment<v1::RecordRemedyOutcomeRequest, v1::RecordRemedyOutcomeResponse>(api, streams, "RecordRemedyOutcome");
}

}  // namespace throughline::ownership
