// OpenCase and RecordInteraction.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/service/calls.h"
#include "services/intake/api/api.h"
#include "services/intake/projections/case_view.h"
#include "services/intake/projections/opening_facts.h"

namespace throughline::intake {
namespace {

using server::Context;
using server::Reply;

template <typename Notices>
void Fill(const store::KeyValue& rows, absl::Time now, const std::string& owner, v1::AssignmentReason reason,
          const Notices& notices, const std::string& component_id, v1::OpenCaseResponse& response) {
  response.set_owner(owner);
  response.set_assignment_reason(reason);
  for (const std::string& notice : notices) {
    *response.add_notices() = LinkedNoticeOf(rows, notice, component_id, now);
  }
}

// From the opening event; a retry has none and uses the case's row, which says the same.
void FillOpening(const runtime::Streams& streams, const std::string& case_id, const runtime::Outcome<Case>& outcome,
                 v1::OpenCaseResponse& response) {
  response.set_case_id(case_id);
  const auto rows = streams.View();
  const absl::Time now = streams.clock().Trusted();
  if (!outcome.events.empty()) {
    const v1::CaseOpened& opened = static_cast<const v1::CaseEvent&>(*outcome.events.front()).opened();
    Fill(*rows, now, opened.owner(), opened.assignment_reason(), opened.notice_ids(), opened.component_id(), response);
  } else if (const auto row = kCases.Get(*rows, case_id)) {
    Fill(*rows, now, row->view().owner(), row->view().assignment_reason(), row->notice_ids(),
         row->view().component_id(), response);
  }
}

void Open(runtime::Streams& streams, OpenCase command, const Reply<v1::OpenCaseResponse>& reply) {
  const std::string case_id = command.case_id;
  service::Change<Case, v1::OpenCaseResponse>(streams, reply.context(), {Case::kKind, case_id}, std::move(command),
                                              reply,
                                              [&streams, case_id](const auto& outcome, v1::OpenCaseResponse& response) {
                                                FillOpening(streams, case_id, outcome, response);
                                              });
}

}  // namespace

void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config) {
  api.Unary<v1::OpenCaseRequest, v1::OpenCaseResponse>(
      "OpenCase", [&streams, facts = std::make_shared<const OpeningFacts>(config)](
                      const Context& context, v1::OpenCaseRequest request, Reply<v1::OpenCaseResponse> reply) {
        const auto gather = [&streams, facts](v1::OpenCaseRequest opening, const runtime::Caller& caller) {
          return facts->Gather(*streams.View(), std::move(opening), runtime::DerivedId(caller, "case"), caller,
                               caller.time);
        };
        OpenCase command = gather(request, context.caller());
        if (Case::FirstOwnerOf(request.channel(), command.candidates, context.caller())) {
          return Open(streams, std::move(command), reply);
        }
        // No candidate: this replica may lag.
        streams.AfterPresent(context.deadline(), [&streams, gather, reply, request](const absl::Status& status) {
          status.ok() ? Open(streams, gather(request, reply.context().caller()), reply) : reply(status);
        });
      });
  api.Unary<v1::RecordInteractionRequest, v1::RecordInteractionResponse>(
      "RecordInteraction", [&streams](const Context& context, v1::RecordInteractionRequest request,
                                      Reply<v1::RecordInteractionResponse> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        if (!bad.empty()) return reply(bad.ToStatus());
        const std::string case_id = request.case_id();
        const std::string interaction_id = runtime::DerivedId(context.caller(), "interaction");
        service::Change<Case, v1::RecordInteractionResponse>(
            streams, context, {Case::kKind, case_id}, std::move(request), reply,
            [&streams, case_id, interaction_id](const auto&, v1::RecordInteractionResponse& response) {
              response.set_case_id(case_id);
              response.set_interaction_id(interaction_id);
              const auto row = kCases.Get(*streams.View(), case_id);
              response.set_repeated_contact(row && row->repeated_contact_id() == interaction_id);
            });
      });
}

}  // namespace throughline::intake
