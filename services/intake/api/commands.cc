// RecordInteraction, SplitCase, MarkMistake and UnlinkNotice.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/service/calls.h"
#include "services/intake/api/api.h"
#include "services/intake/api/recording.h"
#include "services/intake/domain/checks.h"
#include "services/intake/projections/case_view.h"

namespace throughline::intake {
namespace {

using server::Context;
using server::Reply;
using RulesPtr = std::shared_ptr<const Rules>;

void AddRecordInteraction(server::Api& api, runtime::Streams& streams, const RulesPtr& rules) {
  using Response = v1::RecordInteractionResponse;
  api.Unary<v1::RecordInteractionRequest, Response>(
      "RecordInteraction",
      [&streams, rules](const Context& context, v1::RecordInteractionRequest request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        if (!bad.empty()) return reply(bad.ToStatus());
        context.SetStream(std::string(Case::kKind) + "/" + request.case_id());
        Record(streams, rules, std::move(request), context.caller(), context.deadline(),
               [reply, id = context.caller().command_id](absl::StatusOr<Recorded> recorded) {
                 if (!recorded.ok()) return reply(recorded.status());
                 Response response;
                 response.set_command_id(id);
                 response.set_version(recorded->version);
                 response.set_consistency_token(recorded->token);
                 response.set_case_id(recorded->case_id);
                 response.set_interaction_id(recorded->interaction_id);
                 response.set_repeated_contact(recorded->repeated_contact);
                 response.set_continued_by_case_id(recorded->continued_by_case_id);
                 response.set_owner(recorded->owner);
                 reply(response);
               });
      });
}

// Opens the new case, which says of which case it was a part; then records it on that one. If this replica stops in
// between, the reactor does the latter.
void Split(runtime::Streams& streams, const RulesPtr& rules, v1::SplitCaseRequest request,
           const Reply<v1::SplitCaseResponse>& reply) {
  const runtime::Caller& caller = reply.context().caller();
  const std::string new_id = runtime::DerivedId(caller, "case");
  auto command = rules->openings.SplittingOff(*streams.View(), request, new_id, caller, caller.time);
  if (!command.ok()) return reply(command.status());
  RecordSplit record;
  record.request.set_new_case_id(new_id);
  record.request.set_by(caller.id);
  record.request.set_reason(request.reason());
  streams.Execute<Case>(
      {Case::kKind, new_id}, *std::move(command), caller, reply.context().deadline(),
      [&streams, reply, record, of = request.case_id(), new_id](absl::StatusOr<runtime::Outcome<Case>> opened) {
        if (!opened.ok()) return reply(opened.status());
        service::Change<Case, v1::SplitCaseResponse>(
            streams, reply.context(), {Case::kKind, of}, record, reply,
            [&streams, of, new_id](const auto&, v1::SplitCaseResponse& response) {
              response.set_consistency_token(streams.SeenToken());  // of both cases
              response.set_case_id(of);
              response.set_new_case_id(new_id);
              if (const auto row = kCases.Get(*streams.View(), new_id)) response.set_owner(row->view().owner());
            });
      });
}

void AddSplitCase(server::Api& api, runtime::Streams& streams, const RulesPtr& rules) {
  api.Unary<v1::SplitCaseRequest, v1::SplitCaseResponse>(
      "SplitCase",
      [&streams, rules](const Context& context, v1::SplitCaseRequest request, Reply<v1::SplitCaseResponse> reply) {
        if (absl::Status bad = Check(request); !bad.ok()) return reply(bad);
        context.SetStream(std::string(Case::kKind) + "/" + request.case_id());
        // The present tells whether the case is open, and who owns it.
        streams.AfterPresent(context.deadline(), [&streams, rules, request, reply](const absl::Status& status) {
          status.ok() ? Split(streams, rules, request, reply) : reply(status);
        });
      });
}

void AddMarkMistake(server::Api& api, runtime::Streams& streams) {
  using Response = v1::MarkMistakeResponse;
  api.Unary<v1::MarkMistakeRequest, Response>(
      "MarkMistake", [&streams](const Context& context, v1::MarkMistakeRequest request, Reply<Response> reply) {
        if (absl::Status bad = Check(request); !bad.ok()) return reply(bad);
        const auto mark = [&streams, request, reply] {
          const bool known = kWords.Has(*streams.View(), request.interaction_id(), request.case_id());
          service::Change<Case, Response>(
              streams, reply.context(), {Case::kKind, request.case_id()}, MarkMistake{request, known}, reply,
              [id = request.case_id()](const auto&, Response& response) { response.set_case_id(id); });
        };
        if (kWords.Has(*streams.View(), request.interaction_id(), request.case_id())) return mark();
        streams.AfterPresent(context.deadline(),
                             [mark, reply](const absl::Status& status) { status.ok() ? mark() : reply(status); });
      });
}

void AddUnlinkNotice(server::Api& api, runtime::Streams& streams) {
  using Response = v1::UnlinkNoticeResponse;
  api.Unary<v1::UnlinkNoticeRequest, Response>(
      "UnlinkNotice", [&streams](const Context& context, v1::UnlinkNoticeRequest request, Reply<Response> reply) {
        if (absl::Status bad = Check(request); !bad.ok()) return reply(bad);
        const std::string id = request.case_id();
        service::Change<Case, Response>(streams, context, {Case::kKind, id}, std::move(request), reply,
                                        [id](const auto&, Response& response) { response.set_case_id(id); });
      });
}

}  // namespace

void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config) {
  const auto rules = std::make_shared<const Rules>(config);
  AddRecordInteraction(api, streams, rules);
  AddSplitCase(api, streams, rules);
  AddMarkMistake(api, streams);
  AddUnlinkNotice(api, streams);
}

}  // namespace throughline::intake
