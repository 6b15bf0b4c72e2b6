#pragma once

// The common part of unary calls and streams over gRPC: reference counting, the single end of a call, hooks, metrics
// and log lines. Internal to this library; includes gRPC.
//
// gRPC holds one reference to a call (until OnDone), and all tickets together hold one. Reply and ResponseStream hold
// tickets; when the last ticket is destroyed, an unanswered call ends INTERNAL.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
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

  // Counts and admits the call. `bytes`: the size of a unary call's request.
  absl::Status Begin(size_t bytes = 0);
  // Runs `handler` and ends the call if it throws. The caller must hold the handler's ticket meanwhile: if an exception
  // destroyed the last one, that would end the call first.
  void Guard(const std::function<void()>& handler);
  std::shared_ptr<internal::Call> Ticket();
  // Parses and checks a message from the client, and sets the caller's command id.
  absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);
  // Records who reads the response, if it holds what customers said: on a stream, each case once. An error: it must not
  // be sent.
  absl::Status Audit(const google::protobuf::Message& response) ABSL_LOCKS_EXCLUDED(audit_mu_);

  // Claims the end of the call with this status. True for the first caller only, who then must finish gRPC's call and
  // call RunHooks.
  bool BecomeOver(const absl::Status& status);
  void RunHooks() ABSL_LOCKS_EXCLUDED(hooks_mu_);
  // Valid after BecomeOver.
  const absl::Status& final_status() const { return final_; }

  // The meaning of gRPC's OnCancel: the deadline has passed, or the client has gone.
  absl::Status WhyCancelled() const;
  // To be called in gRPC's OnDone: records metrics, logs, and releases gRPC's reference.
  void Done();

  CallGate& gate() { return gate_; }
  ServedMethod& method() { return method_; }

 private:
  // The log line, and the span.
  void Tell(absl::Duration took) ABSL_LOCKS_EXCLUDED(hooks_mu_);

  CallGate& gate_;
  ServedMethod& method_;
  grpc::CallbackServerContext& transport_;  // until Done
  const bool stream_call_;
  const absl::Time began_;
  std::optional<tracing::TraceContext> trace_;  // as Arrival's
  std::string parent_span_;
  std::atomic<int> refs_{1};
  std::atomic<bool> claimed_{false};
  std::atomic<bool> over_{false};
  absl::Status final_;  // written by the claimer, before over_
  absl::Mutex hooks_mu_;
  std::vector<std::function<void()>> hooks_ ABSL_GUARDED_BY(hooks_mu_);
  std::string stream_ ABSL_GUARDED_BY(hooks_mu_);
  // What the request asked about, and which cases were recorded. Only for RPCs that are audited.
  struct Audited {
    std::string order, customer;
    std::set<std::string> asked, recorded;
    bool began = false;
  };
  absl::Mutex audit_mu_;
  std::unique_ptr<Audited> audited_ ABSL_GUARDED_BY(audit_mu_);
};

// Serializes into one slice.
grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);

// The reactors for gRPC; each deletes itself.
grpc::ServerUnaryReactor* StartUnaryCall(CallGate& gate, ServedMethod& method, grpc::CallbackServerContext& transport,
                                         const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartStreamCall(CallGate& gate, ServedMethod& method,
                                                                             grpc::CallbackServerContext& transport);

}  // namespace throughline::server
