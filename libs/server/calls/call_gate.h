#pragma once

// What is the same for every call of one server: who may come in, how many at a time, for how long, and what is told
// about it. Internal to this library.
//
// Any thread. Outlives the calls that it knows (they leave in gRPC's OnDone).

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/identity/token_readers.h"
#include "libs/identity/tokens.h"
#include "libs/runtime/domain/caller.h"
#include "libs/server/api.h"
#include "libs/server/calls/quota.h"
#include "libs/server/checks/checks.h"
#include "libs/server/operations/end_signal.h"
#include "libs/server/operations/metrics.h"
#include "libs/server/options.h"

namespace throughline::server {

// One method as the server knows it. Immutable but for the probe.
struct ServedMethod {
  ServedMethod(const Api& api, const Api::Method& method, const RequestLimits& limits, prometheus::Registry& registry);

  const Api::Method& method;
  const std::string path;        // "/throughline.intake.v1.IntakeService/OpenCase"
  const uint32_t allowed_roles;  // bit 1 << role
  const RequestChecks checks;
  RpcProbe probe;
};

// What came with the call, still in the transport's hands. Empty: not given.
struct Arrival {
  std::string_view authorization;
  std::string_view correlation_id;
  std::string_view traceparent;
  size_t bytes = 0;  // of a unary call's request
};

// A call that can be ended from outside: by its deadline, because the server drains, or because the credential that it
// came with no longer stands.
class Endable {
 public:
  virtual ~Endable() = default;
  virtual void Ref() = 0;
  virtual void Unref() = 0;
  virtual void Expire() = 0;
  virtual void Drain() = 0;
  // Nothing more is read from it or told to it.
  virtual void Revoke(const absl::Status& why) = 0;
  // It was revoked, and its client has not read the end: cuts it off. Calls nothing back on this thread.
  virtual void CutOff() = 0;

 private:
  friend class CallGate;
  // Of CallGate, under its lock.
  std::list<Endable*>::iterator place_;
  std::chrono::steady_clock::time_point expires_;
  bool listed_ = false;
  std::shared_ptr<Quota> quota_;  // null: it was not counted in
  identity::Digest token_{};
  std::shared_ptr<const identity::Identity> identity_;  // null: not let in yet
  std::chrono::steady_clock::time_point cut_off_ = std::chrono::steady_clock::time_point::max();
};

class CallGate {
 public:
  CallGate(const ServerOptions& options, const identity::TokenStore& tokens);
  ~CallGate();

  // Counts a call in; to be followed by Leave, whatever the answer. RESOURCE_EXHAUSTED: too many; UNAVAILABLE:
  // draining.
  absl::Status Enter(bool stream);
  void Leave(Endable& call, bool stream);

  // UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED (its identity has too many), or fills the caller (without a
  // command id). A stream is listed for drain, and from now on ended when its credential is revoked.
  absl::Status Admit(const ServedMethod& method, const Arrival& arrival, Endable& call, bool stream,
                     runtime::Caller& caller) ABSL_LOCKS_EXCLUDED(mu_);

  // Of an admitted push stream: a message that came, and what it turned out to hold beyond. RESOURCE_EXHAUSTED: its
  // identity sends too many.
  absl::Status TakeEvents(Endable& call, int count) const {
    return call.quota_->TakeEvents(Quota::Clock::now(), count);
  }
  absl::Status TakeFurtherEvents(Endable& call, int count) const {
    return call.quota_->TakeFurtherEvents(Quota::Clock::now(), count);
  }

  // Unary calls without a deadline of the client's: Expire comes after Options::default_deadline.
  void ListForExpiry(Endable& call);
  // Streams: Drain comes when the server drains. UNAVAILABLE: it does already, since Enter.
  absl::Status ListForDrain(Endable& call);
  void Unlist(Endable& call);

  // Lets nobody in from now on, asks all streams to end, and waits until all have left or `deadline`.
  void DrainAll(absl::Time deadline);

  const ServerOptions& options() const { return options_; }
  absl::Time now() const { return options_.clock(); }

 private:
  absl::Status Bind(Endable& stream, std::string_view token, std::shared_ptr<const identity::Identity> identity)
      ABSL_LOCKS_EXCLUDED(mu_);
  void EndLoop();
  void EndLate() ABSL_LOCKS_EXCLUDED(mu_);
  void EndRevoked() ABSL_LOCKS_EXCLUDED(mu_);

  const ServerOptions options_;
  const identity::TokenStore& tokens_;
  Quotas quotas_;
  std::atomic<int> unary_{0};
  std::atomic<int> streams_{0};
  std::atomic<bool> draining_{false};

  EndSignal stop_;
  absl::Mutex mu_;
  std::list<Endable*> expiring_ ABSL_GUARDED_BY(mu_);  // soonest first: all have the same time to live
  std::list<Endable*> drainable_ ABSL_GUARDED_BY(mu_);
  // The thread's own.
  const std::unique_ptr<identity::TokenReader> token_reader_;  // null: whoever changes the credentials does not wait
  uint64_t checked_generation_ = 0;                            // of the credentials
  std::thread ender_;
};

// 128 random bits as 32 hexadecimal digits. Not secret.
std::string RandomId();

}  // namespace throughline::server
