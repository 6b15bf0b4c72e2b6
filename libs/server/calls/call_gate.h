#pragma once

// What is the same for all calls of one server: authentication, roles, limits, deadlines and draining. Internal to this
// library.
//
// Any thread. Outlives its calls (they leave in gRPC's OnDone).

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/identity/authenticator.h"
#include "libs/identity/token_readers.h"
#include "libs/runtime/domain/caller.h"
#include "libs/server/api.h"
#include "libs/server/calls/quota.h"
#include "libs/server/calls/read_subjects.h"
#include "libs/server/checks/checks.h"
#include "libs/server/operations/end_signal.h"
#include "libs/server/operations/metrics.h"
#include "libs/server/options.h"

namespace throughline::server {

// One method. Immutable, except for the probe.
struct ServedMethod {
  ServedMethod(const Api& api, const Api::Method& method, const RequestLimits& limits, prometheus::Registry& registry,
               std::string service);

  const Api::Method& method;
  const std::string path;        // "/throughline.intake.v1.IntakeService/OpenCase"
  const uint32_t allowed_roles;  // bit 1 << role
  const RequestChecks checks;
  const std::optional<ReadSubjects> subjects;  // of a response with what customers said
  RpcProbe probe;
  const std::string service;  // in log lines and traces
};

// The metadata of a call, owned by the transport. Empty: not given.
struct Arrival {
  std::string_view authorization;
  std::string_view correlation_id;
  std::optional<tracing::TraceContext> trace;  // the call's own span, or that of its caller if there are no spans
  std::string_view tracestate;
  const identity::PeerCertificate* certificate = nullptr;  // null: the connection has none, or nobody asks
  bool inside = false;                                     // from this process, without a connection
  size_t bytes = 0;                                        // of a unary call's request
};

// A call that can be ended from outside: at its deadline, when the server drains, or when its credential is revoked.
class Endable {
 public:
  virtual ~Endable() = default;
  virtual void Ref() = 0;
  virtual void Unref() = 0;
  virtual void Expire() = 0;
  virtual void Drain() = 0;
  // Ends it: nothing more is read from the client or sent to it.
  virtual void Revoke(const absl::Status& why) = 0;
  // Cancels a revoked call whose client has not read its end. Calls nothing back on this thread.
  virtual void CutOff() = 0;

 private:
  friend class CallGate;
  // Guarded by CallGate's lock.
  std::list<Endable*>::iterator place_;
  std::chrono::steady_clock::time_point expires_;
  bool listed_ = false;
  std::shared_ptr<Quota> quota_;  // null: not counted
  identity::Proof proof_;
  std::shared_ptr<const identity::Identity> identity_;  // null: not admitted yet
  std::chrono::steady_clock::time_point cut_off_ = std::chrono::steady_clock::time_point::max();
};

class CallGate {
 public:
  CallGate(const ServerOptions& options, const identity::Authenticator& authenticator, prometheus::Registry& registry);
  ~CallGate();

  // Counts a call; Leave must follow, whatever the result. RESOURCE_EXHAUSTED: too many calls. UNAVAILABLE: draining.
  absl::Status Enter(bool stream);
  void Leave(Endable& call, bool stream);

  // Authenticates the call and fills in the caller (without a command id). A stream is ended from now on when its
  // credential is revoked. UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED (its identity has too many calls).
  absl::Status Admit(const ServedMethod& method, const Arrival& arrival, Endable& call, bool stream,
                     runtime::Caller& caller) ABSL_LOCKS_EXCLUDED(mu_);

  // Of an admitted push stream: charges its identity for a message, and for the further events that the message holds.
  // RESOURCE_EXHAUSTED: the identity exceeds its rate.
  absl::Status TakeEvents(Endable& call, int count) const {
    return call.quota_->TakeEvents(Quota::Clock::now(), count);
  }
  absl::Status TakeFurtherEvents(Endable& call, int count, int charged) const {
    return call.quota_->TakeFurtherEvents(Quota::Clock::now(), count, charged);
  }

  // For unary calls without a deadline: calls Expire after ServerOptions::default_deadline.
  void ListForExpiry(Endable& call);
  // For streams: calls Drain when the server drains. UNAVAILABLE: it has begun to drain since Enter.
  absl::Status ListForDrain(Endable& call);
  void Unlist(Endable& call);

  // Refuses new calls, asks all streams to end, and waits until all calls have left, or until `deadline`.
  void DrainAll(absl::Time deadline);

  // Whether Arrival::certificate is wanted: of each call, or of those without `authorization`.
  bool WantsCertificate(bool has_authorization) const {
    return authenticator_.ChecksCertificates() || (!has_authorization && authenticator_.KnowsCertificates());
  }

  const ServerOptions& options() const { return options_; }
  absl::Time now() const { return options_.clock(); }

 private:
  absl::StatusOr<identity::Admitted> Authenticate(const Arrival& arrival, Endable& call, bool stream, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Bind(Endable& stream, const identity::Admitted& admitted, const identity::Presented& presented,
                    absl::Time now) ABSL_LOCKS_EXCLUDED(mu_);
  void EndLoop();
  void EndLate() ABSL_LOCKS_EXCLUDED(mu_);
  void EndRevoked() ABSL_LOCKS_EXCLUDED(mu_);

  const ServerOptions options_;
  const identity::Authenticator& authenticator_;
  AuthenticationProbe authentications_;
  Quotas quotas_;
  std::atomic<int> unary_{0};
  std::atomic<int> streams_{0};
  std::atomic<bool> draining_{false};

  EndSignal stop_;
  absl::Mutex mu_;
  std::list<Endable*> expiring_ ABSL_GUARDED_BY(mu_);  // soonest first: all have the same deadline
  std::list<Endable*> drainable_ ABSL_GUARDED_BY(mu_);
  // The thread's own.
  const std::unique_ptr<identity::TokenReader> token_reader_;  // null: it could not register
  uint64_t checked_generation_ = 0;                            // of the credentials
  std::thread ender_;
};

}  // namespace throughline::server
