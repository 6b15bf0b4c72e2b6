#include "libs/server/calls/call_gate.h"

#include <algorithm>
#include <pthread.h>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "throughline/common/v1/audit.pb.h"

namespace throughline::server {
namespace {

using absl::StatusCode;
using common::v1::Role;
using runtime::Refuse;

// Deadlines must not change when the wall clock is set.
using SteadyClock = std::chrono::steady_clock;
constexpr SteadyClock::time_point kNever = SteadyClock::time_point::max();

constexpr size_t kMaxCorrelationId = 128;
constexpr std::string_view kAnonymous = "anonymous";

// With TokenStore::Options::look_for_changes_every, a revoked stream ends well within two seconds, even if its client
// does not read.
constexpr absl::Duration kMostBetweenLooks = absl::Milliseconds(250);
constexpr std::chrono::milliseconds kTimeToReadTheEnd{500};

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

uint32_t AllowedRoles(const google::protobuf::MethodDescriptor& method) {
  uint32_t mask = 1u << common::v1::ROLE_ADMIN;
  for (const int role : method.options().GetExtension(common::v1::access).roles()) mask |= 1u << role;
  return mask;
}

std::string RoleNames(uint32_t mask) {
  std::vector<std::string> names;
  for (int role = common::v1::Role_MIN + 1; role <= common::v1::Role_MAX; ++role) {
    if ((mask & (1u << role)) != 0) names.emplace_back(identity::RoleName(static_cast<Role>(role)));
  }
  return absl::StrJoin(names, ", ");
}

// The correlation id goes into commits and log lines, so only plain identifiers are accepted.
bool PlainId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxCorrelationId && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':' || c == '/' || c == '@';
  });
}

absl::Status ShuttingDown() {
  return runtime::WithRetryAfter(Refuse(StatusCode::kUnavailable, "SHUTTING_DOWN",
                                        "this server is shutting down: connect again, to another replica or later"),
                                 absl::Seconds(1));
}

}  // namespace

ServedMethod::ServedMethod(const Api& api, const Api::Method& method, const RequestLimits& limits,
                           prometheus::Registry& registry, std::string service)
    : method(method),
      path(absl::StrCat("/", api.service()->full_name(), "/", method.descriptor->name())),
      allowed_roles(AllowedRoles(*method.descriptor)),
      checks(*method.descriptor->input_type(), limits, api.larger_fields()),
      subjects(
          method.descriptor->options().GetExtension(common::v1::customers_words)
              ? std::make_optional<ReadSubjects>(*method.descriptor->input_type(), *method.descriptor->output_type())
              : std::nullopt),
      probe(registry, api.service()->full_name(), method.descriptor->name()),
      service(std::move(service)) {}

CallGate::CallGate(const ServerOptions& options, const identity::Authenticator& authenticator,
                   prometheus::Registry& registry)
    : options_(options),
      authenticator_(authenticator),
      authentications_(registry),
      quotas_(options.quota),
      token_reader_(identity::TokenReader::Register(authenticator.tokens().path())),
      checked_generation_(authenticator.generation()),
      ender_([this] { EndLoop(); }) {
  pthread_setname_np(ender_.native_handle(), "rpc-ends");
}

CallGate::~CallGate() {
  stop_.Notify();
  ender_.join();
}

absl::Status CallGate::Enter(bool stream) {
  const int now = 1 + (stream ? streams_ : unary_).fetch_add(1);
  if (draining_.load()) return ShuttingDown();
  const int max = stream ? options_.max_streams : options_.max_in_flight;
  if (now <= max) return absl::OkStatus();
  return runtime::WithRetryAfter(
      Refuse(StatusCode::kResourceExhausted, "TOO_MANY_IN_FLIGHT",
             absl::StrCat("this server already serves ", max, stream ? " streams" : " calls", ": try again shortly")),
      stream ? absl::Seconds(5) : absl::Milliseconds(100));
}

void CallGate::Leave(Endable& call, bool stream) {
  if (call.quota_ != nullptr) call.quota_->Leave(stream);
  const int before = (stream ? streams_ : unary_).fetch_sub(1);
  // Releasing the lock makes DrainAll evaluate its condition.
  if (before == 1 && draining_.load()) absl::MutexLock lock(&mu_);
}

absl::Status CallGate::Admit(const ServedMethod& method, const Arrival& arrival, Endable& call, bool stream,
                             runtime::Caller& caller) {
  caller.time = now();
  caller.correlation_id = PlainId(arrival.correlation_id) ? std::string(arrival.correlation_id)
                          : arrival.trace                 ? arrival.trace->trace_id
                                                          : runtime::RandomId();
  if (arrival.trace) {
    caller.traceparent = arrival.trace->ToHeader();
    caller.tracestate = tracing::PassableState(arrival.tracestate);
  }
  caller.causation_id = absl::StrCat("request/", runtime::RandomId());

  auto admitted = Authenticate(arrival, call, stream, caller.time);
  if (!admitted.ok()) {
    authentications_.Refused(runtime::ReasonOf(admitted.status()).value_or(""));
    return admitted.status();
  }
  const identity::Identity& who = *admitted->identity;
  caller.id = who.name;

  uint32_t roles = 0;
  for (const Role role : who.roles) roles |= 1u << role;
  if ((roles & method.allowed_roles) == 0) {
    return runtime::WithMetadata(
        Refuse(StatusCode::kPermissionDenied, "WRONG_ROLE",
               absl::StrCat("`", who.name, "` (", RoleNames(roles), ") may not call ", method.path.substr(1),
                            ": it takes one of ", RoleNames(method.allowed_roles))),
        "allowed_roles", RoleNames(method.allowed_roles));
  }
  caller.roles = who.roles;
  caller.party = who.party;
  caller.team = who.team;
  std::shared_ptr<Quota> quota = quotas_.Of(who.name);
  if (absl::Status status = quota->Enter(stream); !status.ok()) return status;
  call.quota_ = std::move(quota);
  if ((roles & (1u << common::v1::ROLE_PARTNER)) != 0) {
    if (absl::Status status = TakeEvents(call, Quota::EventsOf(arrival.bytes)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<identity::Admitted> CallGate::Authenticate(const Arrival& arrival, Endable& call, bool stream,
                                                          absl::Time now) {
  identity::Presented presented{.certificate = arrival.certificate, .inside = arrival.inside};
  // The edge says so of a web client without a credential: its own certificate must not stand for that client.
  if (arrival.authorization == kAnonymous) {
    presented.anonymous = true;
  } else if (!arrival.authorization.empty()) {
    if (!absl::StartsWithIgnoreCase(View(arrival.authorization), "bearer ")) {
      return Refuse(StatusCode::kUnauthenticated, "BAD_TOKEN",
                    "the metadata `authorization` must read `Bearer tl_…`: send a token of this installation");
    }
    presented.bearer = arrival.authorization.substr(7);
    if (presented.bearer.empty()) presented.bearer = " ";  // no token is that; nor does it leave it to the certificate
  }
  auto admitted = authenticator_.Authenticate(presented, now);
  if (!admitted.ok() || !stream) return admitted;
  if (absl::Status status = Bind(call, *admitted, presented, now); !status.ok()) return status;
  return admitted;
}

absl::Status CallGate::Bind(Endable& stream, const identity::Admitted& admitted, const identity::Presented& presented,
                            absl::Time now) {
  const identity::Proof proof = authenticator_.ProofOf(admitted, presented);
  {
    absl::MutexLock lock(&mu_);
    stream.proof_ = proof;
    stream.identity_ = admitted.identity;
  }
  // Check again: EndRevoked may have handled a change since Authenticate before it could find this stream.
  return authenticator_.StillStands(proof, *admitted.identity, now);
}

void CallGate::ListForExpiry(Endable& call) {
  absl::MutexLock lock(&mu_);
  call.expires_ = SteadyClock::now() + absl::ToChronoNanoseconds(options_.default_deadline);
  call.place_ = expiring_.insert(expiring_.end(), &call);
  call.listed_ = true;
}

absl::Status CallGate::ListForDrain(Endable& call) {
  absl::MutexLock lock(&mu_);
  if (draining_.load()) return ShuttingDown();  // DrainAll has read the list already
  call.expires_ = kNever;
  call.place_ = drainable_.insert(drainable_.end(), &call);
  call.listed_ = true;
  return absl::OkStatus();
}

void CallGate::Unlist(Endable& call) {
  absl::MutexLock lock(&mu_);
  if (!call.listed_) return;
  (call.expires_ == kNever ? drainable_ : expiring_).erase(call.place_);
  call.listed_ = false;
}

void CallGate::DrainAll(absl::Time deadline) {
  std::vector<Endable*> calls;
  {
    absl::MutexLock lock(&mu_);
    draining_ = true;
    calls.assign(drainable_.begin(), drainable_.end());
    for (Endable* call : calls) call->Ref();
  }
  for (Endable* call : calls) {
    call->Drain();
    call->Unref();
  }
  absl::MutexLock lock(&mu_);
  mu_.AwaitWithDeadline(
      absl::Condition(
          +[](CallGate* gate) { return gate->unary_.load() == 0 && gate->streams_.load() == 0; }, this),
      deadline);
}

void CallGate::EndLoop() {
  // Polls the lists, so that a call that ends in time costs two list operations and no timer.
  const absl::Duration step = std::clamp(options_.default_deadline / 20, absl::Milliseconds(5), kMostBetweenLooks);
  while (!stop_.WaitFor(step)) {
    EndLate();
    EndRevoked();
  }
}

void CallGate::EndLate() {
  std::vector<Endable*> late;
  {
    absl::MutexLock lock(&mu_);
    const auto now = SteadyClock::now();
    while (!expiring_.empty() && expiring_.front()->expires_ <= now) {
      Endable* call = expiring_.front();
      expiring_.pop_front();
      call->listed_ = false;
      call->Ref();
      late.push_back(call);
    }
  }
  for (Endable* call : late) {
    call->Expire();
    call->Unref();
  }
}

void CallGate::EndRevoked() {
  authenticator_.LookForChanges();
  const std::string version = authenticator_.tokens().version();
  const uint64_t generation = authenticator_.generation();
  const absl::Time time = now();
  const bool changed = generation != std::exchange(checked_generation_, generation);
  std::vector<std::pair<Endable*, absl::Status>> revoked;
  {
    absl::MutexLock lock(&mu_);
    const auto now = SteadyClock::now();
    for (Endable* stream : drainable_) {
      if (stream->cut_off_ <= now) {
        stream->cut_off_ = kNever;
        stream->CutOff();  // under the lock: a listed call still exists in the transport
      } else if ((changed || stream->proof_.expires <= time) && stream->identity_ != nullptr &&
                 stream->cut_off_ == kNever) {
        absl::Status stands = authenticator_.StillStands(stream->proof_, *stream->identity_, time);
        if (stands.ok()) continue;
        stream->cut_off_ = now + kTimeToReadTheEnd;
        stream->Ref();
        revoked.emplace_back(stream, std::move(stands));
      }
    }
  }
  for (const auto& [stream, why] : revoked) {
    stream->Revoke(why);
    stream->Unref();
  }
  if (token_reader_ != nullptr) token_reader_->HasRead(version);
}

}  // namespace throughline::server
