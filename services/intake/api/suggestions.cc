// The commands and reads of suggestions. Who answers is found here, from the roster and the configured routes as they
// are now, and recorded.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/service/calls.h"
#include "libs/service/due.h"
#include "libs/service/pages.h"
#include "services/intake/api/api.h"
#include "services/intake/departments/departments.h"
#include "services/intake/domain/suggestion.h"
#include "services/intake/projections/case_view.h"
#include "services/intake/projections/learning.h"

namespace throughline::intake {
namespace {

using server::Context;
using server::Reply;
using DepartmentsPtr = std::shared_ptr<const Departments>;

void AddRecordSuggestion(server::Api& api, runtime::Streams& streams, const DepartmentsPtr& departments,
                         const Config& config) {
  using Request = v1::RecordSuggestionRequest;
  using Response = v1::RecordSuggestionResponse;
  api.Unary<Request, Response>("RecordSuggestion", [&streams, departments, calendars = config.calendars,
                                                    answer_within = config.suggestion_answer_within](
                                                       const Context& context, Request request, Reply<Response> reply) {
    const std::string id = runtime::DerivedId(context.caller(), "suggestion");
    const auto gather = [&streams, departments, answer_within, request, id, now = context.caller().time,
                         meant = service::WhatIsMeant(request, calendars, context.caller().time)] {
      const auto rows = streams.View();
      RecordSuggestion command{request, id};
      command.answer_within = answer_within;
      command.meant = meant;
      command.department = departments->OfSuggestion(*rows, request.team(), request.text(), now);
      command.customer_id = request.customer_id();
      if (!request.has_case_id()) return command;
      const auto row = kCases.Get(*rows, request.case_id());
      command.case_known = row.has_value();
      if (row && command.customer_id.empty()) command.customer_id = row->view().customer_id();
      return command;
    };
    const auto change = [&streams, reply, id](RecordSuggestion command) {
      service::Change<Suggestion, Response>(streams, reply.context(), {Suggestion::kKind, id}, std::move(command),
                                            reply,
                                            [id](const runtime::Outcome<Suggestion>& outcome, Response& response) {
                                              response.set_suggestion_id(id);
                                              response.set_team(outcome.state->team());
                                              response.set_owed_by(outcome.state->owed_by());
                                              *response.mutable_answer_due() = outcome.state->answer_due();
                                            });
    };
    RecordSuggestion command = gather();
    if (command.case_known && !command.department.person.empty()) return change(std::move(command));
    // Neither the case nor the team counts as unknown until the present is folded.
    streams.AfterPresent(context.deadline(), [gather, change, reply](const absl::Status& status) {
      status.ok() ? change(gather()) : reply(status);
    });
  });
}

// Looks the suggestion up first: what the caller may do depends on who answers for it.
template <typename Command, typename Request, typename Response>
void AddOnSuggestion(
    server::Api& api, runtime::Streams& streams, std::string_view method,
    std::function<Command(const Request&, const v1::SuggestionView&, const store::KeyValue&, const runtime::Caller&)>
        gather,
    std::function<void(const v1::SuggestionState&, Response&)> fill = nullptr) {
  api.Unary<Request, Response>(method, [&streams, gather, fill](const Context& context, Request request,
                                                                Reply<Response> reply) {
    runtime::FieldViolations bad;
    runtime::RequireField(bad, "suggestion_id", request.suggestion_id(), "name the suggestion");
    if (!bad.empty()) return reply(bad.ToStatus());
    // The present tells where people are, too: a replica that lags refuses nobody who has come to the team.
    streams.AfterPresent(context.deadline(), [&streams, gather, fill, request, reply](const absl::Status& status) {
      if (!status.ok()) return reply(status);
      const auto rows = streams.View();
      // One that is not known is refused by the rules, after the fields.
      const v1::SuggestionView view = kSuggestions.Get(*rows, request.suggestion_id()).value_or(v1::SuggestionView());
      service::Change<Suggestion, Response>(
          streams, reply.context(), {Suggestion::kKind, request.suggestion_id()},
          gather(request, view, *rows, reply.context().caller()), reply,
          [id = request.suggestion_id(), fill](const runtime::Outcome<Suggestion>& outcome, Response& response) {
            response.set_suggestion_id(id);
            if (fill) fill(*outcome.state, response);
          });
    });
  });
}

std::string ListFor(const v1::ListSuggestionsRequest& request) {
  if (!request.case_id().empty()) return ListOfCase(request.case_id());
  if (!request.customer_id().empty()) return ListOfSuggester(request.customer_id());
  if (request.overdue()) return kOverdueSuggestions;
  if (!request.team().empty()) return ListOfTeam(request.team());
  return request.status() == v1::SUGGESTION_STATUS_OPEN ? kOpenSuggestions : kAllSuggestions;
}

bool Fits(const v1::ListSuggestionsRequest& request, const v1::SuggestionView& view) {
  const bool overdue = view.missed() && view.status() == v1::SUGGESTION_STATUS_OPEN;
  return (request.case_id().empty() || request.case_id() == view.case_id()) &&
         (request.customer_id().empty() || request.customer_id() == view.customer_id()) &&
         (request.team().empty() || request.team() == view.team()) &&
         (request.status() == v1::SUGGESTION_STATUS_UNSPECIFIED || request.status() == view.status()) &&
         (!request.overdue() || overdue);
}

void AddReadsOfSuggestions(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::GetSuggestionRequest, v1::GetSuggestionResponse>(
      "GetSuggestion", [&streams](const Context& context, v1::GetSuggestionRequest request, auto reply) {
        service::Read<v1::GetSuggestionResponse>(
            streams, context, request.consistency_token(), reply,
            [id = request.suggestion_id()](const store::KeyValue& rows) -> absl::StatusOr<v1::GetSuggestionResponse> {
              auto view = kSuggestions.Get(rows, id);
              if (!view) return SuggestionUnknown(id);
              v1::GetSuggestionResponse response;
              *response.mutable_suggestion() = *std::move(view);
              return response;
            });
      });
  api.Unary<v1::ListSuggestionsRequest, v1::ListSuggestionsResponse>(
      "ListSuggestions", [&streams](const Context& context, v1::ListSuggestionsRequest request, auto reply) {
        const std::string question = service::Question(request);
        const std::string list = ListFor(request);
        auto after = service::AfterPage(question, kSuggestionLists.KeyOf(list), request.page_token());
        if (!after.ok()) return reply(after.status());
        const std::string token = request.consistency_token();
        service::Read<v1::ListSuggestionsResponse>(
            streams, context, token, reply,
            [request = std::move(request), question, list,
             after = *std::move(after)](const store::KeyValue& rows) -> absl::StatusOr<v1::ListSuggestionsResponse> {
              v1::ListSuggestionsResponse response;
              const auto take = [&](const std::string& id) {
                if (response.suggestions_size() == service::PageSize(request)) return false;
                auto view = kSuggestions.Get(rows, id);
                if (view && Fits(request, *view)) *response.add_suggestions() = *std::move(view);
                return true;
              };
              response.set_next_page_token(service::FillPage(rows, kSuggestionLists, after, question, take, list));
              return response;
            });
      });
}

}  // namespace

void AddSuggestions(server::Api& api, runtime::Streams& streams, const Config& config) {
  const auto departments = std::make_shared<const Departments>(config.departments, config.fallback_owner);
  AddRecordSuggestion(api, streams, departments, config);
  AddOnSuggestion<RouteSuggestion, v1::RouteSuggestionRequest, v1::RouteSuggestionResponse>(
      api, streams, "RouteSuggestion",
      [departments](const auto& request, const auto& view, const auto& rows, const auto& caller) {
        return RouteSuggestion{request, departments->OfTeam(rows, request.team(), caller.time),
                               departments->PlaceOf(rows, caller, view.owed_by())};
      },
      [](const auto& state, auto& response) { response.set_owed_by(state.owed_by()); });
  AddOnSuggestion<v1::AcknowledgeSuggestionRequest, v1::AcknowledgeSuggestionRequest,
                  v1::AcknowledgeSuggestionResponse>(
      api, streams, "AcknowledgeSuggestion",
      [](const auto& request, const auto&, const auto&, const auto&) { return request; });
  AddOnSuggestion<AnswerSuggestion, v1::AnswerSuggestionRequest, v1::AnswerSuggestionResponse>(
      api, streams, "AnswerSuggestion",
      [departments](const auto& request, const auto& view, const auto& rows, const auto& caller) {
        return AnswerSuggestion{request, departments->PlaceOf(rows, caller, view.owed_by())};
      });
  AddReadsOfSuggestions(api, streams);
}

}  // namespace throughline::intake
