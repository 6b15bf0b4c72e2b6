// RequestHelp and HandBackHelp. Who of a team is asked is chosen here, from the roster and the worklists as they are
// now, and recorded.

#include <tuple>

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/service/calls.h"
#include "libs/service/due.h"
#include "services/ownership/api/api.h"
#include "services/ownership/api/if_active.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/view/view.h"
#include "services/ownership/projections/worklist_page.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using server::Context;
using server::Reply;

// Whether they can be asked now: a rep who takes cases, or a supervisor on duty.
bool IsHere(const v1::PersonView& person, absl::Time now) {
  return TakesCases(person, now) || (person.on_duty() && !person.deactivated() && !IsAbsent(person, now));
}

// The member of the team who is here and has the fewest items in their worklist; of several the first by name. Empty:
// nobody but `except` is here.
std::string LeastLoaded(const store::KeyValue& reader, const std::string& team, const std::string& except,
                        absl::Time now) {
  std::vector<std::string> members;  // a scan must not read other rows
  kTeams.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const std::string&) {
        if (std::get<1>(key) != except) members.push_back(std::get<1>(key));
        return true;
      },
      team);
  std::string least;
  size_t fewest = 0;
  for (const std::string& member : members) {
    const auto person = kPersons.Get(reader, member);
    if (!person || !IsHere(*person, now)) continue;
    const size_t items = ItemsOf(reader, member);
    if (!least.empty() && items >= fewest) continue;
    least = member;
    fewest = items;
  }
  return least;
}

RequestHelp Gather(const v1::RequestHelpRequest& request, const store::KeyValue& reader, absl::Time now) {
  RequestHelp command{request, kOpenings.Get(reader, request.case_id()).value_or(v1::OwnershipStarted()), request.to()};
  if (request.to().empty() && !request.team().empty()) {
    const auto view = FindView(reader, request.case_id());
    command.helper = LeastLoaded(reader, request.team(), view ? view->owner() : "", now);
  }
  if (command.helper.empty()) return command;
  NamedPerson named = Look(reader, command.helper, now);
  command.person = std::move(named.may_own);
  command.absent = named.absent;
  return command;
}

// Whom this command asked, whatever a repeated one would choose now, and by when.
void FillAsked(const v1::OwnershipState& state, v1::RequestHelpResponse& response) {
  if (const v1::Commitment* open = FindOpen(state.ledger(), response.commitment_id())) {
    response.set_helper(open->owed_by());
    *response.mutable_due() = open->due();
  } else if (const auto* settled = FindSettled(state.ledger(), response.commitment_id())) {
    response.set_helper(settled->owed_by());
    *response.mutable_due() = settled->due();
  }
}

absl::Status CheckNamed(const std::string& case_id) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "case_id", case_id, "name the case");
  return bad.empty() ? absl::OkStatus() : bad.ToStatus();
}

void AddRequest(server::Api& api, runtime::Streams& streams, const calendar::Calendars& calendars) {
  using Response = v1::RequestHelpResponse;
  api.Unary<v1::RequestHelpRequest, Response>(
      "RequestHelp",
      [&streams, calendars](const Context& context, v1::RequestHelpRequest request, Reply<Response> reply) {
        if (absl::Status refused = CheckNamed(request.case_id()); !refused.ok()) return reply(refused);
        const auto gather = [&streams, request, now = context.caller().time,
                             meant = service::WhatIsMeant(request, calendars, context.caller().time)] {
          RequestHelp command = Gather(request, *streams.View(), now);
          command.meant = meant;
          return command;
        };
        const std::string case_id = request.case_id();
        const auto answer = [case_id, caller = context.caller()](const runtime::Outcome<Ownership>& outcome,
                                                                 Response& response) {
          response.set_case_id(case_id);
          response.set_commitment_id(runtime::DerivedId(caller, "help"));
          FillAsked(*outcome.state, response);
        };
        const auto change = [&streams, reply, case_id, answer](RequestHelp command) {
          service::Change<Ownership, Response>(streams, reply.context(), {Ownership::kKind, case_id},
                                               std::move(command), reply, answer);
        };
        IfActive<Ownership, v1::RequestHelpRequest>(
            streams, {Ownership::kKind, case_id}, request, reply, answer, [&streams, gather, change, reply] {
              RequestHelp command = gather();
              const bool found = !command.opening.case_id().empty() && !command.helper.empty() && command.person.ok();
              if (found) return change(std::move(command));
              // Neither case nor person counts as unknown until the present is folded.
              streams.AfterPresent(reply.context().deadline(), [gather, change, reply](const absl::Status& status) {
                status.ok() ? change(gather()) : reply(status);
              });
            });
      });
}

void AddHandBack(server::Api& api, runtime::Streams& streams) {
  using Request = v1::HandBackHelpRequest;
  using Response = v1::HandBackHelpResponse;
  api.Unary<Request, Response>("HandBackHelp", [&streams](const Context& context, Request request,
                                                          Reply<Response> reply) {
    if (absl::Status refused = CheckNamed(request.case_id()); !refused.ok()) return reply(refused);
    const auto find = [&streams, id = request.case_id()]() -> absl::StatusOr<v1::OwnershipStarted> {
      auto opening = kOpenings.Get(*streams.View(), id);
      if (opening) return *std::move(opening);
      return CaseUnknown(id);
    };
    service::Find<v1::OwnershipStarted>(
        streams, context.deadline(), find, [&streams, reply, request](absl::StatusOr<v1::OwnershipStarted> opening) {
          if (!opening.ok()) return reply(opening.status());
          const runtime::StreamId stream{Ownership::kKind, request.case_id()};
          const auto answer = [case_id = request.case_id()](const runtime::Outcome<Ownership>&, Response& response) {
            response.set_case_id(case_id);
          };
          IfActive<Ownership, Request>(
              streams, stream, request, reply, answer, [=, &streams, opening = *std::move(opening)] {
                service::Change<Ownership, Response>(streams, reply.context(), stream,
                                                     OnCase<Request>{request, opening}, reply, answer);
              });
        });
  });
}

}  // namespace

void AddHelp(server::Api& api, runtime::Streams& streams, const Config& config) {
  AddRequest(api, streams, config.calendars);
  AddHandBack(api, streams);
}

}  // namespace throughline::ownership
