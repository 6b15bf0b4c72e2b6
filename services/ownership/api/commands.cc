// The commands on cases. Each handler gathers the facts that its rule needs from read models.

#include <tuple>

#include "absl/strings/escaping.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "libs/service/due.h"
#include "services/ownership/api/api.h"
#include "services/ownership/api/if_active.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/view/view.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using server::Context;
using server::Reply;

// Which commitment a response tells the due time of.
template <typename Request, typename Response>
const std::string& AboutWhich(const Request& request, const Response& response) {
  if constexpr (requires { response.promise_id(); }) {
    return response.promise_id();
  } else if constexpr (requires { response.next_action_commitment_id(); }) {
    return response.next_action_commitment_id();
  } else if constexpr (requires { request.promise_id(); }) {
    return request.promise_id();
  } else {
    return request.commitment_id();
  }
}

// After a repeated command it may have moved or ended.
template <typename Request, typename Response>
void FillDue(const Request& request, const v1::OwnershipState& state, Response& response) {
  const std::string& id = AboutWhich(request, response);
  if (const v1::Commitment* open = FindOpen(state.ledger(), id)) {
    *response.mutable_due() = open->due();
  } else if (const auto* settled = FindSettled(state.ledger(), id)) {
    *response.mutable_due() = settled->due();
  }
}

template <typename Command>
void SetPeriods(Command& command, const Periods& periods) {
  if constexpr (requires { command.periods; }) command.periods = periods;
}

// The code itself reaches neither a stream nor a log.
void HideCode(v1::AnswerResolutionRequest& request) {
  if (!request.code().empty()) request.set_code(absl::BytesToHexString(crypto::Sha256(request.code())));
}

// Adds an RPC on a case. `gather(request, opening, caller, rows)` makes the command from facts. `fill` may be null.
template <typename Request, typename Response, typename Gather>
void OnCaseRpc(server::Api& api, runtime::Streams& streams, const Periods& periods, std::string_view method,
               Gather gather, void (*fill)(const Caller&, Response&) = nullptr) {
  api.Unary<Request, Response>(
      method, [&streams, gather, fill, periods](const Context& context, Request request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        if (!bad.empty()) return reply(bad.ToStatus());
        if constexpr (requires { HideCode(request); }) HideCode(request);
        const auto find = [&streams, id = request.case_id()]() -> absl::StatusOr<v1::OwnershipStarted> {
          auto opening = kOpenings.Get(*streams.View(), id);
          if (opening) return *std::move(opening);
          return CaseUnknown(id);
        };
        service::Find<v1::OwnershipStarted>(
            streams, context.deadline(), find,
            [&streams, gather, fill, periods, reply, request](absl::StatusOr<v1::OwnershipStarted> opening) {
              if (!opening.ok()) return reply(opening.status());
              const std::string case_id = request.case_id();
              const auto answer = [case_id, fill, request, caller = reply.context().caller()](
                                      const runtime::Outcome<Ownership>& outcome, Response& response) {
                response.set_case_id(case_id);
                if (fill != nullptr) fill(caller, response);
                if constexpr (requires { response.mutable_due(); }) FillDue(request, *outcome.state, response);
                if constexpr (requires { response.mutable_closes_at(); }) {
                  const auto& proposal = outcome.state->proposal();
                  if (proposal.has_closes_at()) *response.mutable_closes_at() = proposal.closes_at();
                }
                if constexpr (requires { response.next_action_commitment_id(); }) {
                  if (!response.has_due()) response.clear_next_action_commitment_id();
                }
              };
              IfActive<Ownership, Request>(
                  streams, {Ownership::kKind, case_id}, request, reply, answer,
                  [=, &streams, opening = *std::move(opening)] {
                    auto command = gather(request, opening, reply.context().caller(), *streams.View());
                    SetPeriods(command, periods);
                    service::Change<Ownership, Response>(streams, reply.context(), {Ownership::kKind, case_id},
                                                         std::move(command), reply, answer);
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
  return {std::move(request), std::move(opening), CheckActive(kPersons.Get(reader, caller.id), caller.id)};
}

ReopenCase GatherReopen(v1::ReopenCaseRequest request, v1::OwnershipStarted opening, const Caller& caller,
                        const store::KeyValue& reader, const std::string& last_resort) {
  ReopenCase command{std::move(request), std::move(opening)};
  const auto view = FindView(reader, command.request.case_id());
  const auto owner = view ? kPersons.Get(reader, view->owner()) : std::nullopt;
  if (!owner || !owner->deactivated()) return command;
  if (auto above = Above(reader, owner->person(), caller.time, last_resort)) {
    command.gone = owner->person();
    command.above = *std::move(above);
  }
  return command;
}

// As Plain, for a request whose due time may be given in words.
template <typename Request>
auto InWords(const Config& config) {
  return [calendars = config.calendars](Request request, v1::OwnershipStarted opening, const Caller& caller,
                                        const store::KeyValue&) {
    auto meant = service::WhatIsMeant(request, calendars, caller.time);
    return OnCase<Request>{std::move(request), std::move(opening), {}, std::move(meant)};
  };
}

void FillHandoff(const Caller& caller, v1::OfferHandoffResponse& response) {
  response.set_handoff_id(runtime::DerivedId(caller, "handoff"));
}
void FillPromise(const Caller& caller, v1::MakePromiseResponse& response) {
  response.set_promise_id(runtime::DerivedId(caller, "promise"));
}
void FillNextAction(const Caller& caller, v1::AddWorkNoteResponse& response) {
  response.set_next_action_commitment_id(runtime::DerivedId(caller, "next-action"));
}

// Unlike OnCaseRpc, looks up the person in `to`, too: neither counts as unknown until the present is folded.
template <typename Request, typename Response, typename Command>
void NamesPersonRpc(server::Api& api, runtime::Streams& streams, std::string_view method,
                    std::function<Command(Request, v1::OwnershipStarted, NamedPerson)> make,
                    void (*fill)(const Caller&, Response&) = nullptr) {
  api.Unary<Request, Response>(
      method, [&streams, make, fill](const Context& context, Request request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        if (!bad.empty()) return reply(bad.ToStatus());
        const auto gather = [&streams, make, now = context.caller().time](const Request& given) {
          const auto rows = streams.View();
          return make(given, kOpenings.Get(*rows, given.case_id()).value_or(v1::OwnershipStarted()),
                      Look(*rows, given.to(), now));
        };
        const std::string case_id = request.case_id();
        const auto answer = [case_id, fill, caller = context.caller()](const auto&, Response& response) {
          response.set_case_id(case_id);
          if (fill != nullptr) fill(caller, response);
        };
        const auto change = [&streams, reply, case_id, answer](Command command) {
          service::Change<Ownership, Response>(streams, reply.context(), {Ownership::kKind, case_id},
                                               std::move(command), reply, answer);
        };
        IfActive<Ownership, Request>(
            streams, {Ownership::kKind, case_id}, request, reply, answer, [&streams, gather, change, reply, request] {
              Command command = gather(request);
              if (command.person.ok() && !command.opening.case_id().empty()) return change(std::move(command));
              streams.AfterPresent(reply.context().deadline(),
                                   [gather, change, reply, request](const absl::Status& status) {
                                     status.ok() ? change(gather(request)) : reply(status);
                                   });
            });
      });
}

void AddOffer(server::Api& api, runtime::Streams& streams, const Config& config) {
  NamesPersonRpc<v1::OfferHandoffRequest, v1::OfferHandoffResponse, OfferHandoff>(
      api, streams, "OfferHandoff",
      [expiry = config.handoff_expiry](v1::OfferHandoffRequest request, v1::OwnershipStarted opening,
                                       NamedPerson person) {
        return OfferHandoff{std::move(request), std::move(opening), person.may_own, person.absent, expiry};
      },
      FillHandoff);
}

void AddReassign(server::Api& api, runtime::Streams& streams) {
  NamesPersonRpc<v1::ReassignCaseRequest, v1::ReassignCaseResponse, ReassignCase>(
      api, streams, "ReassignCase",
      [](v1::ReassignCaseRequest request, v1::OwnershipStarted opening, NamedPerson person) {
        return ReassignCase{std::move(request), std::move(opening), person.may_own, person.absent};
      });
}

bool IsOlder(const v1::OwnershipStarted& a, const v1::OwnershipStarted& b) {
  return std::make_tuple(runtime::FromProto(a.opened_at()), a.case_id()) <
         std::make_tuple(runtime::FromProto(b.opened_at()), b.case_id());
}

// The older of the two goes on, or the case that goes on in its place.
absl::StatusOr<MergeCase> GatherMerge(const v1::MergeCasesRequest& request, const store::KeyValue& reader) {
  auto younger = kOpenings.Get(reader, request.case_id());
  auto older = kOpenings.Get(reader, request.other_case_id());
  if (!younger) return CaseUnknown(request.case_id());
  if (!older) return CaseUnknown(request.other_case_id());
  if (IsOlder(*younger, *older)) std::swap(younger, older);
  const std::string survivor = SurvivorOf(reader, older->case_id());
  MergeCase command{request, *younger, kOpenings.Get(reader, survivor).value_or(*older)};
  command.one_already = younger->case_id() != older->case_id() && SurvivorOf(reader, younger->case_id()) == survivor;
  if (const auto view = FindView(reader, survivor)) command.into_owner = view->owner();
  return command;
}

void AddMerge(server::Api& api, runtime::Streams& streams) {
  using Response = v1::MergeCasesResponse;
  api.Unary<v1::MergeCasesRequest, Response>(
      "MergeCases", [&streams](const Context& context, v1::MergeCasesRequest request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        runtime::RequireField(bad, "other_case_id", request.other_case_id(), "name the other case");
        if (!bad.empty()) return reply(bad.ToStatus());
        service::Find<MergeCase>(
            streams, context.deadline(), [&streams, request] { return GatherMerge(request, *streams.View()); },
            [&streams, reply](absl::StatusOr<MergeCase> command) {
              if (!command.ok()) return reply(command.status());
              const std::string merged = command->opening.case_id();
              const std::string into = command->into.case_id();
              service::Change<Ownership, Response>(streams, reply.context(), {Ownership::kKind, merged},
                                                   *std::move(command), reply,
                                                   [&streams, merged, into](const auto&, Response& response) {
                                                     response.set_case_id(into);
                                                     response.set_merged_case_id(merged);
                                                     if (const auto view = FindView(*streams.View(), into))
                                                       response.set_owner(view->owner());
                                                   });
            });
      });
}

}  // namespace

NamedPerson Look(const store::KeyValue& reader, const std::string& person, absl::Time now) {
  const auto row = kPersons.Get(reader, person);
  return {CheckActive(row, person), row && IsAbsent(*row, now)};
}

void AcknowledgeInteraction(runtime::Streams& streams, const server::Context& context, const std::string& case_id,
                            const std::string& interaction_id, const std::string& reason,
                            std::function<void(absl::StatusOr<runtime::Outcome<Ownership>>)> done) {
  OnCase<v1::InteractionAcknowledged> command;
  command.request.set_interaction_id(interaction_id);
  command.request.set_reason(reason);
  command.opening = kOpenings.Get(*streams.View(), case_id).value_or(v1::OwnershipStarted());
  streams.Execute<Ownership>({Ownership::kKind, case_id}, std::move(command), context.caller(), context.deadline(),
                             std::move(done));
}

void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config) {
  AddOffer(api, streams, config);
  AddReassign(api, streams);
  OnCaseRpc<v1::WithdrawHandoffRequest, v1::WithdrawHandoffResponse>(api, streams, config.periods, "WithdrawHandoff",
                                                                     Plain<v1::WithdrawHandoffRequest>);
  OnCaseRpc<v1::AcceptHandoffRequest, v1::AcceptHandoffResponse>(api, streams, config.periods, "AcceptHandoff",
                                                                 GatherAccept);
  OnCaseRpc<v1::DeclineHandoffRequest, v1::DeclineHandoffResponse>(api, streams, config.periods, "DeclineHandoff",
                                                                   Plain<v1::DeclineHandoffRequest>);
  OnCaseRpc<v1::MakePromiseRequest, v1::MakePromiseResponse>(api, streams, config.periods, "MakePromise",
                                                             InWords<v1::MakePromiseRequest>(config), FillPromise);
  OnCaseRpc<v1::KeepPromiseRequest, v1::KeepPromiseResponse>(api, streams, config.periods, "KeepPromise",
                                                             Plain<v1::KeepPromiseRequest>);
  OnCaseRpc<v1::RenegotiatePromiseRequest, v1::RenegotiatePromiseResponse>(
      api, streams, config.periods, "RenegotiatePromise", InWords<v1::RenegotiatePromiseRequest>(config));
  OnCaseRpc<v1::KeepCommitmentRequest, v1::KeepCommitmentResponse>(api, streams, config.periods, "KeepCommitment",
                                                                   Plain<v1::KeepCommitmentRequest>);
  OnCaseRpc<v1::RenegotiateCommitmentRequest, v1::RenegotiateCommitmentResponse>(
      api, streams, config.periods, "RenegotiateCommitment", InWords<v1::RenegotiateCommitmentRequest>(config));
  OnCaseRpc<v1::WithdrawCommitmentRequest, v1::WithdrawCommitmentResponse>(
      api, streams, config.periods, "WithdrawCommitment", Plain<v1::WithdrawCommitmentRequest>);
  OnCaseRpc<v1::AddWorkNoteRequest, v1::AddWorkNoteResponse>(api, streams, config.periods, "AddWorkNote",
                                                             InWords<v1::AddWorkNoteRequest>(config), FillNextAction);
  OnCaseRpc<v1::ProposeResolutionRequest, v1::ProposeResolutionResponse>(
      api, streams, config.periods, "ProposeResolution",
      [silence = config.silence, calendars = config.calendars](v1::ProposeResolutionRequest request,
                                                               v1::OwnershipStarted opening, const Caller& caller,
                                                               const store::KeyValue&) {
        auto how_long = SilenceFrom(caller.time, silence, calendars, request.calendar(), opening.customer_calendar());
        return ProposeResolution({std::move(request), std::move(opening)}, std::move(how_long));
      });
  OnCaseRpc<v1::ConfirmResolutionRequest, v1::ConfirmResolutionResponse>(
      api, streams, config.periods, "ConfirmResolution", Plain<v1::ConfirmResolutionRequest>);
  OnCaseRpc<v1::RejectResolutionRequest, v1::RejectResolutionResponse>(api, streams, config.periods, "RejectResolution",
                                                                       Plain<v1::RejectResolutionRequest>);
  OnCaseRpc<v1::AnswerResolutionRequest, v1::AnswerResolutionResponse>(api, streams, config.periods, "AnswerResolution",
                                                                       Plain<v1::AnswerResolutionRequest>);
  AddMerge(api, streams);
  OnCaseRpc<v1::DeclineRemedyRequest, v1::DeclineRemedyResponse>(api, streams, config.periods, "DeclineRemedy",
                                                                 Plain<v1::DeclineRemedyRequest>);
  OnCaseRpc<v1::AnswerCounterOfferRequest, v1::AnswerCounterOfferResponse>(
      api, streams, config.periods, "AnswerCounterOffer", Plain<v1::AnswerCounterOfferRequest>);
  OnCaseRpc<v1::WithdrawRemedyRequest, v1::WithdrawRemedyResponse>(api, streams, config.periods, "WithdrawRemedy",
                                                                   Plain<v1::WithdrawRemedyRequest>);
  OnCaseRpc<v1::RetryRemedyRequest, v1::RetryRemedyResponse>(api, streams, config.periods, "RetryRemedy",
                                                             Plain<v1::RetryRemedyRequest>);
  OnCaseRpc<v1::CloseCaseRequest, v1::CloseCaseResponse>(api, streams, config.periods, "CloseCase",
                                                         Plain<v1::CloseCaseRequest>);
  OnCaseRpc<v1::ReopenCaseRequest, v1::ReopenCaseResponse>(
      api, streams, config.periods, "ReopenCase",
      [last_resort = config.fallback_owner](v1::ReopenCaseRequest request, v1::OwnershipStarted opening,
                                            const Caller& caller, const store::KeyValue& reader) {
        return GatherReopen(std::move(request), std::move(opening), caller, reader, last_resort);
      });
}

}  // namespace throughline::ownership
