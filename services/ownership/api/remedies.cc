// GrantRemedy, ApproveRemedy and CounterRemedy: authority is reserved, the person's and then the customer's, and the
// case hears of the remedy last. RequestRemedy asks a supervisor, and reserves nothing.
//
//   check   what the case would refuse now is refused before anything is reserved
//   reserve on authority/person/... and authority/customer/...
//   place   the case takes the remedy or refuses it; refused, a reactor releases what was reserved
//
// If this process stops in between, a reactor goes on (reactors/complete_remedies.h), and a retry meets what it did.

#include "libs/money/money.h"
#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "services/ownership/api/api.h"
#include "services/ownership/api/if_active.h"
#include "services/ownership/authority/deciders.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/remedies/authority.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/view/view.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using server::Context;
using server::Reply;

absl::Status CheckCase(const std::string& case_id) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "case_id", case_id, "name the case");
  return bad.empty() ? absl::OkStatus() : bad.ToStatus();
}

absl::Status CheckRequest(const v1::GrantRemedyRequest& request) {
  return CheckRemedy(request.kind(), request.amount(), request.reason());
}
absl::Status CheckRequest(const v1::CounterRemedyRequest& request) {
  return CheckRemedy(request.kind(), request.amount(), request.reason());
}
absl::Status CheckRequest(const v1::ApproveRemedyRequest& request) {
  if (!request.has_amount()) return absl::OkStatus();
  return CheckRemedy(v1::REMEDY_KIND_REFUND, request.amount(), "given with the request");
}

// What the request says of the order.
void Describe(const v1::GrantRemedyRequest& request, const Caller& caller, v1::RemedyOrder& order) {
  order.set_step(v1::REMEDY_STEP_GRANT);
  order.set_remedy_id(runtime::DerivedId(caller, "remedy"));
  order.set_kind(request.kind());
  *order.mutable_amount() = request.amount();
  order.set_reason(request.reason());
}
void Describe(const v1::CounterRemedyRequest& request, const Caller&, v1::RemedyOrder& order) {
  order.set_step(v1::REMEDY_STEP_COUNTER);
  order.set_remedy_id(request.remedy_id());
  order.set_kind(request.kind());
  *order.mutable_amount() = request.amount();
  order.set_reason(request.reason());
}
void Describe(const v1::ApproveRemedyRequest& request, const Caller&, v1::RemedyOrder& order) {
  order.set_step(v1::REMEDY_STEP_APPROVE);
  order.set_remedy_id(request.remedy_id());
  if (request.has_amount()) *order.mutable_amount() = request.amount();
}

absl::Status NoAuthority(const v1::RemedyOrder& order) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NO_AUTHORITY",
                         "the policy gives you no authority for this kind of remedy in " + order.amount().currency() +
                             ": ask a supervisor with RequestRemedy");
}

absl::Status RefusedBefore() {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "REMEDY_DECIDED",
                         "the case refused this before: ask anew, with another command_id");
}

template <typename Request, typename Response>
class PlaceCall : public std::enable_shared_from_this<PlaceCall<Request, Response>> {
 public:
  PlaceCall(runtime::Streams& streams, std::shared_ptr<const Config> config, Request request, Reply<Response> reply)
      : streams_(streams),
        config_(std::move(config)),
        request_(std::move(request)),
        reply_(std::move(reply)),
        caller_(reply_.context().caller()),
        deadline_(reply_.context().deadline()) {}

  void Start() {
    absl::Status refused = CheckCase(request_.case_id());
    if (refused.ok()) refused = CheckRequest(request_);
    if (!refused.ok()) return reply_(refused);
    reply_.context().SetStream(CaseStream().ToString());
    Describe(request_, caller_, order_);
    order_.set_case_id(request_.case_id());
    order_.set_by(caller_.id);
    order_.set_by_supervisor(caller_.Is(common::v1::ROLE_SUPERVISOR));
    order_.mutable_reservation()->set_reservation_id(runtime::DerivedId(caller_, "reservation"));
    service::Find<v1::OwnershipStarted>(
        streams_, deadline_,
        [this, self = this->shared_from_this()]() -> absl::StatusOr<v1::OwnershipStarted> {
          auto opening = kOpenings.Get(*streams_.View(), request_.case_id());
          if (opening) return *std::move(opening);
          return CaseUnknown(request_.case_id());
        },
        [this, self = this->shared_from_this()](absl::StatusOr<v1::OwnershipStarted> opening) {
          if (!opening.ok()) return reply_(opening.status());
          opening_ = *std::move(opening);
          order_.set_customer_id(opening_.customer_id());
          CheckActiveCaller();
        });
  }

 private:
  using Done = absl::StatusOr<runtime::Outcome<Ownership>>;
  static constexpr int kMostLost = 20;

  runtime::StreamId CaseStream() const { return {Ownership::kKind, request_.case_id()}; }

  // As IfActive, but a retry is answered with the case's verdict.
  void CheckActiveCaller() {
    if (CheckCaller(*streams_.View(), caller_).ok()) return Check();
    streams_.AfterPresent(deadline_, [this, self = this->shared_from_this()](const absl::Status& status) {
      if (!status.ok()) return reply_(status);
      absl::Status refused = CheckCaller(*streams_.View(), caller_);
      if (refused.ok()) return Check();
      streams_.Execute<Ownership>(CaseStream(), Barred<Request>{request_, std::move(refused)}, caller_, deadline_,
                                  [this, self](Done outcome) { Answer(outcome); });
    });
  }

  // Adds nothing. A retry of what had its effect is answered as before.
  void Check() {
    PlaceRemedy<Request> command{request_, order_, opening_};
    command.check_only = true;
    streams_.Execute<Ownership>(CaseStream(), std::move(command), caller_, deadline_,
                                [this, self = this->shared_from_this()](Done outcome) {
                                  if (!outcome.ok()) return reply_(outcome.status());
                                  if (outcome->repeated) return Answer(outcome);
                                  version_ = outcome->version;
                                  if (IsPlaced(*outcome->state, order_)) return Succeed(*outcome);
                                  Gather(*outcome->state);
                                });
  }

  // The rows are of the present now, since the check was.
  void Gather(const v1::OwnershipState& state) {
    const auto rows = streams_.View();
    if (const v1::Remedy* remedy = FindRemedy(state.remedies(), order_.remedy_id())) {
      if (order_.step() == v1::REMEDY_STEP_APPROVE) {
        order_.set_kind(remedy->kind());
        order_.set_reason(remedy->reason());
        if (!order_.has_amount()) *order_.mutable_amount() = remedy->amount();
      }
    }
    const std::string& currency = order_.amount().currency();
    const auto view = FindView(*rows, request_.case_id());
    const bool mistake = view && HasMistake(*rows, *view);
    const auto limits =
        config_->policy.LimitsOf(ProfileOf(*rows, caller_), order_.kind(), currency, mistake, caller_.time);
    if (!limits) return Refuse(NoAuthority(order_));
    const int64_t left = LeftOf(limits->per_case(), AmountIn(state.granted(), currency));
    if (order_.amount().minor_units() > left) return Refuse(AboveAuthority("case", money::Of(currency, left)));
    *order_.mutable_limits() = *limits;
    auto& reservation = *order_.mutable_reservation();
    reservation.set_person(caller_.id);
    reservation.set_person_key(PersonAuthorityKey(caller_.id, limits->period()));
    if (limits->has_per_customer()) {
      reservation.set_customer_key(CustomerAuthorityKey(order_.customer_id(), limits->period()));
    }
    if (order_.step() == v1::REMEDY_STEP_COUNTER) {
      *order_.mutable_answer_due() =
          runtime::ToProto(DueWithin(config_->policy.answer_within, config_->policy, config_->calendars, caller_.time));
    }
    Reserve();
  }

  void Reserve() {
    streams_.Execute<Authority>({Authority::kKind, order_.reservation().person_key()},
                                ReserveAuthority<Request>{request_, order_}, caller_, deadline_,
                                [this, self = this->shared_from_this()](auto outcome) {
                                  if (!outcome.ok()) return reply_(outcome.status());
                                  // Long ago: the case need not remember it.
                                  if (IsNotHeld(*outcome->state, order_.reservation().reservation_id())) {
                                    return Refuse(RefusedBefore());
                                  }
                                  if (order_.reservation().customer_key().empty()) return Place(std::nullopt);
                                  ReserveCustomer();
                                });
  }

  void ReserveCustomer() {
    streams_.Execute<Authority>(
        {Authority::kKind, order_.reservation().customer_key()}, ReserveForCustomer<Request>{request_, order_}, caller_,
        deadline_, [this, self = this->shared_from_this()](absl::StatusOr<runtime::Outcome<Authority>> outcome) {
          if (absl::IsAborted(outcome.status()) && TriesAgain()) return ReserveCustomer();
          if (!outcome.ok()) return reply_(Unknown(outcome.status()));
          if (!IsNotHeld(*outcome->state, order_.reservation().reservation_id())) return Place(std::nullopt);
          const std::string& currency = order_.amount().currency();
          Place(
              money::Of(currency, LeftOf(order_.limits().per_customer(), AmountIn(outcome->state->held(), currency))));
        });
  }

  void Place(const std::optional<common::v1::Money>& denied) {
    streams_.Execute<Ownership>(CaseStream(), PlaceRemedy<Request>{request_, order_, opening_, denied}, caller_,
                                deadline_, [this, self = this->shared_from_this(), denied](Done outcome) {
                                  if (absl::IsAborted(outcome.status()) && TriesAgain()) return Place(denied);
                                  Answer(outcome);
                                });
  }

  // Once authority is reserved, the case will have its say, even if it cannot be heard here: losing races is no
  // refusal.
  bool TriesAgain() { return ++lost_ < kMostLost; }
  static absl::Status Unknown(const absl::Status& status) {
    if (!absl::IsAborted(status) && !absl::IsResourceExhausted(status)) return status;
    return absl::UnavailableError(
        "the case could not be asked in time, and will be: send it again with the same "
        "command_id to hear the result");
  }

  void Answer(const Done& outcome) {
    if (!outcome.ok()) return reply_(Unknown(outcome.status()));
    const auto verdict = VerdictOn(*outcome->state, order_.reservation().reservation_id());
    if (!verdict && !IsPlaced(*outcome->state, order_)) {
      return reply_(absl::UnavailableError("the remedy's outcome is not known here any more: look at the case"));
    }
    version_ = outcome->version;
    verdict && !verdict->ok() ? Refuse(*verdict) : Succeed(*outcome);
  }

  // Says of which version of the case that holds, as every refusal does.
  void Refuse(absl::Status refused) {
    refused = runtime::WithMetadata(std::move(refused), "stream", CaseStream().ToString());
    reply_(runtime::WithMetadata(std::move(refused), "current_version", absl::StrCat(version_)));
  }

  void Succeed(const runtime::Outcome<Ownership>& outcome) {
    Response response;
    response.set_command_id(caller_.command_id);
    response.set_version(outcome.version);
    response.set_consistency_token(outcome.token);
    response.set_case_id(request_.case_id());
    if constexpr (requires { response.set_remedy_id(""); }) response.set_remedy_id(order_.remedy_id());
    reply_(response);
  }

  runtime::Streams& streams_;
  const std::shared_ptr<const Config> config_;
  const Request request_;
  const Reply<Response> reply_;
  const Caller caller_;
  const absl::Time deadline_;
  v1::OwnershipStarted opening_;
  v1::RemedyOrder order_;
  uint64_t version_ = 0;  // of the case, as far as it is known
  int lost_ = 0;          // races, since authority was reserved
};

template <typename Request, typename Response>
void AddPlacing(server::Api& api, runtime::Streams& streams, const std::shared_ptr<const Config>& config,
                std::string_view method) {
  api.Unary<Request, Response>(method, [&streams, config](const Context&, Request request, Reply<Response> reply) {
    std::make_shared<PlaceCall<Request, Response>>(streams, config, std::move(request), std::move(reply))->Start();
  });
}

// Of those above the caller the first whose limit in the case is enough, else the last.
std::string WhoDecides(const store::KeyValue& rows, const Config& config, const v1::RequestRemedyRequest& request,
                       const v1::OwnershipView& view, bool mistake, const Caller& caller) {
  const auto deciders = DecidersAbove(rows, caller.id, caller.id, caller.time, config.fallback_owner);
  for (const std::string& decider : deciders) {
    const auto person = kPersons.Get(rows, decider);
    const auto limits = person ? config.policy.LimitsOf(person->profile(), request.kind(), request.amount().currency(),
                                                        mistake, caller.time)
                               : std::nullopt;
    const int64_t used = AmountIn(view.granted(), request.amount().currency());
    if (limits && request.amount().minor_units() <= LeftOf(limits->per_case(), used)) return decider;
  }
  return deciders.empty() ? "" : deciders.back();
}

RequestRemedy GatherRequest(const v1::RequestRemedyRequest& request, const store::KeyValue& rows, const Config& config,
                            const Caller& caller) {
  RequestRemedy command{request, kOpenings.Get(rows, request.case_id()).value_or(v1::OwnershipStarted())};
  const auto view = FindView(rows, request.case_id());
  if (!view) return command;
  command.mistake = HasMistake(rows, *view);
  command.approver = WhoDecides(rows, config, request, *view, command.mistake, caller);
  command.due = DueWithin(config.policy.decide_within, config.policy, config.calendars, caller.time);
  return command;
}

void AddRequest(server::Api& api, runtime::Streams& streams, const std::shared_ptr<const Config>& config) {
  using Request = v1::RequestRemedyRequest;
  using Response = v1::RequestRemedyResponse;
  api.Unary<Request, Response>(
      "RequestRemedy", [&streams, config](const Context& context, Request request, Reply<Response> reply) {
        if (absl::Status refused = CheckCase(request.case_id()); !refused.ok()) return reply(refused);
        const runtime::StreamId stream{Ownership::kKind, request.case_id()};
        const auto answer = [case_id = request.case_id(), caller = context.caller()](
                                const runtime::Outcome<Ownership>& outcome, Response& response) {
          response.set_case_id(case_id);
          response.set_remedy_id(runtime::DerivedId(caller, "remedy"));
          const v1::Remedy* remedy = FindRemedy(outcome.state->remedies(), response.remedy_id());
          if (remedy == nullptr) return;
          response.set_approver(remedy->approver());
          const v1::Commitment* approval = FindOpen(outcome.state->ledger(), remedy->commitment_id());
          if (approval != nullptr) *response.mutable_decision_due() = approval->due();
        };
        const auto change = [&streams, reply, stream, answer](RequestRemedy command) {
          service::Change<Ownership, Response>(streams, reply.context(), stream, std::move(command), reply, answer);
        };
        const auto gather = [&streams, config, request, caller = context.caller()] {
          return GatherRequest(request, *streams.View(), *config, caller);
        };
        IfActive<Ownership, Request>(streams, stream, request, reply, answer, [&streams, gather, change, reply] {
          RequestRemedy command = gather();
          if (!command.opening.case_id().empty() && !command.approver.empty()) return change(std::move(command));
          // Neither case nor supervisor counts as missing until the present is folded.
          streams.AfterPresent(reply.context().deadline(), [gather, change, reply](const absl::Status& status) {
            status.ok() ? change(gather()) : reply(status);
          });
        });
      });
}

}  // namespace

void AddRemedies(server::Api& api, runtime::Streams& streams, const Config& config) {
  const auto shared = std::make_shared<const Config>(config);
  AddPlacing<v1::GrantRemedyRequest, v1::GrantRemedyResponse>(api, streams, shared, "GrantRemedy");
  AddPlacing<v1::ApproveRemedyRequest, v1::ApproveRemedyResponse>(api, streams, shared, "ApproveRemedy");
  AddPlacing<v1::CounterRemedyRequest, v1::CounterRemedyResponse>(api, streams, shared, "CounterRemedy");
  AddRequest(api, streams, shared);
  AddOptions(api, streams, shared);
  AddPayments(api, streams);
}

}  // namespace throughline::ownership
