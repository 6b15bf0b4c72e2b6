// The commands. Each handler gathers the facts that its rule needs from read models.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/service/calls.h"
#include "services/ownership/api/api.h"
#include "services/ownership/domain/availability.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/tables.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using server::Context;
using server::Reply;

// Adds an RPC on a case. `gather` makes the command from the request and facts. `fill` may be null.
template <typename Request, typename Response, typename Command>
void OnCaseRpc(server::Api& api, runtime::Streams& streams, std::string_view method,
               Command (*gather)(Request, v1::OwnershipStarted, const Caller&, const store::KeyValue&),
               void (*fill)(const Caller&, Response&) = nullptr) {
  api.Unary<Request, Response>(
      method, [&streams, gather, fill](const Context& context, Request request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        if (!bad.empty()) return reply(bad.ToStatus());
        const auto find = [&streams, id = request.case_id()]() -> absl::StatusOr<v1::OwnershipStarted> {
          auto opening = kOpenings.Get(*streams.View(), id);
          if (opening) return *std::move(opening);
          return CaseUnknown(id);
        };
        service::Find<v1::OwnershipStarted>(
            streams, context.deadline(), find,
            [&streams, gather, fill, reply, request](absl::StatusOr<v1::OwnershipStarted> opening) {
              if (!opening.ok()) return reply(opening.status());
              const Caller& caller = reply.context().caller();
              const std::string case_id = request.case_id();
              service::Change<Ownership, Response>(
                  streams, reply.context(), {Ownership::kKind, case_id},
                  gather(request, *std::move(opening), caller, *streams.View()), reply,
                  [case_id, fill, caller](const runtime::Outcome<Ownership>&, Response& response) {
                    response.set_case_id(case_id);
                    if (fill != nullptr) fill(caller, response);
                  });
            });
      });
}

template <typename Request>
OnCase<Request> Plain(Request request, v1::OwnershipStarted opening, const Caller&, const store::KeyValue&) {
  return {std::move(request), std::move(opening)};
}

AcceptHandoff GatherAccept(v1::AcceptHandoffRequest request, v1::OwnershipStarted opening, const Caller& caller,
                           const store::KeyValue& reader) {
  return {std::move(request), std::move(opening), SupervisorOf(reader, caller.id)};
}

void FillHandoff(const Caller& caller, v1::OfferHandoffResponse& response) {
  response.set_handoff_id(runtime::DerivedId(caller, "handoff"));
}
void FillPromise(const Caller& caller, v1::MakePromiseResponse& response) {
  response.set_promise_id(runtime::DerivedId(caller, "promise"));
}

// Unlike OnCaseRpc, looks up a person too: neither counts as unknown until the present is folded.
void AddOffer(server::Api& api, runtime::Streams& streams, const Config& config) {
  using Response = v1::OfferHandoffResponse;
  api.Unary<v1::OfferHandoffRequest, Response>(
      "OfferHandoff", [&streams, expiry = config.handoff_expiry](
                          const Context& context, v1::OfferHandoffRequest request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        if (!bad.empty()) return reply(bad.ToStatus());
        const auto gather = [&streams, expiry](const v1::OfferHandoffRequest& offer) {
          const auto rows = streams.View();
          return OfferHandoff{offer, kOpenings.Get(*rows, offer.case_id()).value_or(v1::OwnershipStarted()),
                              kPeople.Has(*rows, offer.to()), expiry};
        };
        const auto change = [&streams, reply](OfferHandoff command) {
          const std::string case_id = command.request.case_id();
          const Caller caller = reply.context().caller();
          service::Change<Ownership, Response>(streams, reply.context(), {Ownership::kKind, case_id},
                                               std::move(command), reply,
                                               [case_id, caller](const auto&, Response& response) {
                                                 response.set_case_id(case_id);
                                                 FillHandoff(caller, response);
                                               });
        };
        OfferHandoff command = gather(request);
        if (command.person_known && !command.opening.case_id().empty()) return change(std::move(command));
        streams.AfterPresent(context.deadline(), [gather, change, reply, request](const absl::Status& status) {
          status.ok() ? change(gather(request)) : reply(status);
        });
      });
}

void AddAvailability(server::Api& api, runtime::Streams& streams) {
  using Response = v1::SetAvailabilityResponse;
  api.Unary<v1::SetAvailabilityRequest, Response>(
      "SetAvailability", [&streams](const Context& context, v1::SetAvailabilityRequest request, Reply<Response> reply) {
        const std::string person = request.person().empty() ? context.caller().id : request.person();
        service::Change<Availability, Response>(
            streams, context, {Availability::kKind, person}, std::move(request), reply,
            [person](const auto&, Response& response) { response.set_person(person); });
      });
}

}  // namespace

void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config) {
  AddOffer(api, streams, config);
  OnCaseRpc<v1::AcceptHandoffRequest, v1::AcceptHandoffResponse>(api, streams, "AcceptHandoff", GatherAccept);
  OnCaseRpc<v1::DeclineHandoffRequest, v1::DeclineHandoffResponse>(api, streams, "DeclineHandoff",
                                                                   Plain<v1::DeclineHandoffRequest>);
  OnCaseRpc<v1::MakePromiseRequest, v1::MakePromiseResponse>(api, streams, "MakePromise", Plain<v1::MakePromiseRequest>,
                                                             FillPromise);
  OnCaseRpc<v1::KeepPromiseRequest, v1::KeepPromiseResponse>(api, streams, "KeepPromise",
                                                             Plain<v1::KeepPromiseRequest>);
  OnCaseRpc<v1::RenegotiatePromiseRequest, v1::RenegotiatePromiseResponse>(api, streams, "RenegotiatePromise",
                                                                           Plain<v1::RenegotiatePromiseRequest>);
  OnCaseRpc<v1::AddWorkNoteRequest, v1::AddWorkNoteResponse>(api, streams, "AddWorkNote",
                                                             Plain<v1::AddWorkNoteRequest>);
  OnCaseRpc<v1::ProposeResolutionRequest, v1::ProposeResolutionResponse>(api, streams, "ProposeResolution",
                                                                         Plain<v1::ProposeResolutionRequest>);
  OnCaseRpc<v1::ConfirmResolutionRequest, v1::ConfirmResolutionResponse>(api, streams, "ConfirmResolution",
                                                                         Plain<v1::ConfirmResolutionRequest>);
  OnCaseRpc<v1::RejectResolutionRequest, v1::RejectResolutionResponse>(api, streams, "RejectResolution",
                                                                       Plain<v1::RejectResolutionRequest>);
  OnCaseRpc<v1::CloseCaseRequest, v1::CloseCaseResponse>(api, streams, "CloseCase", Plain<v1::CloseCaseRequest>);
  OnCaseRpc<v1::ReopenCaseRequest, v1::ReopenCaseResponse>(api, streams, "ReopenCase", Plain<v1::ReopenCaseRequest>);
  AddAvailability(api, streams);
}

}  // namespace throughline::ownership
