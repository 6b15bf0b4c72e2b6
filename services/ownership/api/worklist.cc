// The reads of worklists, and what a person does with an item.

#include "services/ownership/projections/worklist.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/ownership/api/api.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/people/person.h"
#include "services/ownership/projections/worklist_page.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {
namespace {

using server::Context;
using server::Reply;

bool HasWorklist(const runtime::Caller& caller) {
  return caller.Is(common::v1::ROLE_REP) || caller.Is(common::v1::ROLE_SUPERVISOR);
}

void AddListWorklist(server::Api& api, runtime::Streams& streams, const std::string& last_resort) {
  api.Unary<v1::ListWorklistRequest, v1::ListWorklistResponse>(
      "ListWorklist", [&streams, last_resort](const Context& context, v1::ListWorklistRequest request, auto reply) {
        const bool team = request.include_team() || request.scope() == v1::WORKLIST_SCOPE_TEAM;
        auto person = WhoseWorklist(request.person(), request.scope(), team, context.caller());
        if (!person.ok()) return reply(person.status());
        request.set_person(*person);
        const bool unassigned = request.scope() == v1::WORKLIST_SCOPE_UNASSIGNED;
        WorklistQuery query{*person, request.include_snoozed(), service::PageSize(request), last_resort,
                            service::Question(request)};
        auto after = service::AfterPage(query.question, unassigned ? kWaitingCases.KeyOf() : kWorklist.KeyOf(),
                                        request.page_token());
        if (!after.ok()) return reply(after.status());
        query.after = *std::move(after);
        service::Read<v1::ListWorklistResponse>(
            streams, context, request.consistency_token(), reply,
            [&streams, query, unassigned,
             team](const store::KeyValue& rows) -> absl::StatusOr<v1::ListWorklistResponse> {
              const absl::Time now = streams.clock().Trusted();
              if (unassigned) return UnassignedPage(rows, query, now);
              return WorklistPage(rows, PartsOf(rows, query.viewer, team, now, query.last_resort), query, now);
            });
      });
}

void AddListCommitments(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::ListCommitmentsRequest, v1::ListCommitmentsResponse>(
      "ListCommitments", [&streams](const Context& context, v1::ListCommitmentsRequest request, auto reply) {
        auto person = WhoseWorklist(request.person(), v1::WORKLIST_SCOPE_OWN, false, context.caller());
        if (!person.ok()) return reply(person.status());
        request.set_person(*person);
        WorklistQuery query{*person, true, service::PageSize(request), "", service::Question(request)};
        auto after = service::AfterPage(query.question, kWorklist.KeyOf(*person), request.page_token());
        if (!after.ok()) return reply(after.status());
        query.after = *std::move(after);
        service::Read<v1::ListCommitmentsResponse>(
            streams, context, request.consistency_token(), reply,
            [&streams, query,
             kind = request.kind()](const store::KeyValue& rows) -> absl::StatusOr<v1::ListCommitmentsResponse> {
              return CommitmentsPage(rows, query.viewer, kind, query, streams.clock().Trusted());
            });
      });
}

// Changes an item of the caller's worklist. It does not count as unknown until the present is folded.
template <typename Command, typename Request, typename Response>
void ChangeItem(runtime::Streams& streams, const Request& request, const std::string& last_resort,
                const Reply<Response>& reply) {
  const runtime::Caller caller = reply.context().caller();
  const auto gather = [&streams, caller, request, last_resort] {
    Command command{request, {}};
    if (const auto item = FindWorkItem(*streams.View(), caller.id, request.item_id(), caller.time, last_resort)) {
      command.item = {true, item->reason(), std::nullopt};
      if (item->has_due()) command.item.due = runtime::FromProto(item->due());
    }
    return command;
  };
  const auto change = [&streams, caller, reply](Command command) {
    service::Change<Person, Response>(streams, reply.context(), {Person::kKind, caller.id}, std::move(command), reply);
  };
  Command command = gather();
  if (command.item.found) return change(std::move(command));
  streams.AfterPresent(reply.context().deadline(), [gather, change, reply](const absl::Status& status) {
    status.ok() ? change(gather()) : reply(status);
  });
}

// That a customer's words need no answer is said of the case: everybody sees it.
void AcknowledgeWords(runtime::Streams& streams, const ItemName& name, const v1::AcknowledgeWorkItemRequest& request,
                      const Reply<v1::AcknowledgeWorkItemResponse>& reply) {
  reply.context().SetStream(runtime::StreamId{Ownership::kKind, name.thing}.ToString());
  AcknowledgeInteraction(streams, reply.context(), name.thing, name.about, request.reason(),
                         [reply](absl::StatusOr<runtime::Outcome<Ownership>> outcome) {
                           if (!outcome.ok()) return reply(outcome.status());
                           v1::AcknowledgeWorkItemResponse response;
                           response.set_command_id(reply.context().caller().command_id);
                           response.set_version(outcome->version);
                           response.set_consistency_token(outcome->token);
                           reply(response);
                         });
}

void AddItemCommands(server::Api& api, runtime::Streams& streams, const std::string& last_resort) {
  api.Unary<v1::AcknowledgeWorkItemRequest, v1::AcknowledgeWorkItemResponse>(
      "AcknowledgeWorkItem",
      [&streams, last_resort](const Context&, v1::AcknowledgeWorkItemRequest request, auto reply) {
        const auto name = ParseItemId(request.item_id());
        if (name && name->reason == v1::WORKLIST_REASON_CUSTOMER_WAITS) {
          return AcknowledgeWords(streams, *name, request, reply);
        }
        ChangeItem<AcknowledgeWorkItem>(streams, request, last_resort, reply);
      });
  api.Unary<v1::SnoozeWorkItemRequest, v1::SnoozeWorkItemResponse>(
      "SnoozeWorkItem", [&streams, last_resort](const Context&, v1::SnoozeWorkItemRequest request, auto reply) {
        ChangeItem<SnoozeWorkItem>(streams, request, last_resort, reply);
      });
}

}  // namespace

absl::StatusOr<std::string> WhoseWorklist(const std::string& named, v1::WorklistScope scope, bool team,
                                          const runtime::Caller& caller) {
  const std::string person = named.empty() && HasWorklist(caller) ? caller.id : named;
  if (scope == v1::WORKLIST_SCOPE_UNASSIGNED) return person;  // the same for everybody
  if (person.empty()) {
    return runtime::BadField("person",
                             "is not set, and only reps and supervisors have a worklist of their own: name the person");
  }
  const bool only_rep = caller.Is(common::v1::ROLE_REP) && !caller.Is(common::v1::ROLE_SUPERVISOR);
  if (only_rep && (person != caller.id || team)) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOUR_WORKLIST",
                           "a rep sees their own worklist only: leave out `person` and `team`, or ask a supervisor");
  }
  return person;
}

void AddWorklist(server::Api& api, runtime::Streams& streams, const Config& config) {
  AddListWorklist(api, streams, config.fallback_owner);
  AddListCommitments(api, streams);
  AddItemCommands(api, streams, config.fallback_owner);
}

}  // namespace throughline::ownership
