#pragma once

// What unary calls and streams over gRPC have in common: their references, the end that comes once, the hooks, and what
// is told when gRPC lets go of them. Internal to this library; includes gRPC.
//
// A call has one reference of gRPC's (until OnDone) and one of all tickets together. A ticket is what Reply and
// ResponseStream hold: when the last one goes away, an unanswered call ends INTERNAL.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"

#include "libs/server/calls/call_gate.h"

namespace throughline::server {

class ServedCall : public internal::Call, public Endable {
 public:
  ServedCall(CallGate& gate, ServedMethod& method, grpc::CallbackServerContext& transport, bool stream);

  void Ref() final { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() final {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  runtime::Caller CallerOf(std::string_view command_id) const final;
  bool over() const final { return over_.load(std::memory_order_acquire); }
  void OnOver(std::function<void()> hook) final ABSL_LOCKS_EXCLUDED(hooks_mu_);
  void SetStream(std::string_view stream) final ABSL_LOCKS_EXCLUDED(hooks_mu_);
  void Expire() final;
  void CutOff() final { transport_.TryCancel(); }

 protected:
  ~ServedCall() override = default;

  // Counts the call in and admits it. `bytes`: of a unary call's request.
  absl::Status Begin(size_t bytes = 0);
  // Runs `handler`; what it throws ends the call, as this is the RPC's edge. Hold the ticket that the handler gets:
  // dropped on the way, it would end the call first.
  void Guard(const std::function<void()>& handler);
  std::shared_ptr<internal::Call> Ticket();
  // Parses and checks one message of the client's; fills the caller's command id.
  absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);

  // True for the one who may end the call, with this as its status. RunHooks must follow once that is done.
  bool BecomeOver(const absl::Status& status);
  void RunHooks() ABSL_LOCKS_EXCLUDED(hooks_mu_);
  // Valid after BecomeOver.
  const absl::Status& final_status() const { return final_; }

  // What gRPC's OnCancel means: the client's deadline has passed, or it went away.
  absl::Status WhyCancelled() const;
  // To be called in gRPC's OnDone: tells metrics and log, and lets go of gRPC's reference.
  void Done();

  CallGate& gate() { return gate_; }
  ServedMethod& method() { return method_; }

 private:
  void LogEnd(absl::Duration took) ABSL_LOCKS_EXCLUDED(hooks_mu_);

  CallGate& gate_;
  ServedMethod& method_;
  grpc::CallbackServerContext& transport_;  // until Done
  const bool stream_call_;
  const absl::Time began_;
  std::atomic<int> refs_{1};
  std::atomic<bool> claimed_{false};
  std::atomic<bool> over_{false};
  absl::Status final_;  // written by the one who claimed, before over_
  absl::Mutex hooks_mu_;
  std::vector<std::function<void()>> hooks_ ABSL_GUARDED_BY(hooks_mu_);
  std::string stream_ ABSL_GUARDED_BY(hooks_mu_);
};

// Serializes into one slice. A message of ours that cannot be serialized is a broken invariant.
grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);

// The reactors for gRPC; each deletes itself.
grpc::ServerUnaryReactor* StartUnaryCall(CallGate& gate, ServedMethod& method, grpc::CallbackServerContext& transport,
                                         const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartStreamCall(CallGate& gate, ServedMethod& method,
                                                                             grpc::CallbackServerContext& transport);

}  // namespace throughline::server
