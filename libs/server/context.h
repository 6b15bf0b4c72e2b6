#pragma once

// What a handler knows of the call that it serves, and the transport's side of a call without its types. Handlers use
// Context; `internal::Call` is for api.h alone.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/runtime/domain/caller.h"

namespace throughline::server {

namespace internal {
class Call;
}

// Any thread. Lives as long as the call's Reply or ResponseStream; copy what has to live longer.
class Context {
 public:
  explicit Context(internal::Call& call) : call_(call) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Who calls, as authenticated. `command_id` is the request's, or a random one if the request's is empty; `time` is
  // when the call came; `correlation_id` is the client's (`x-correlation-id`, else the trace id of `traceparent`), or
  // a random one; `causation_id` is this request's own id. Bidirectional streams: see CallerOf.
  const runtime::Caller& caller() const { return caller_; }

  // The caller of one message of a bidirectional stream: its own `command_id` (empty: a random one), and the time now.
  runtime::Caller CallerOf(std::string_view command_id) const;

  // When the answer is no longer wanted. Streams without a deadline of the client's: InfiniteFuture.
  absl::Time deadline() const { return deadline_; }
  // Until when to wait for what must be there before the first answer: the deadline, on streams without one as long as
  // a unary call without one would.
  absl::Time patience() const { return patience_; }

  // True once nobody waits for the answer any more: the call was answered, cancelled, or its deadline has passed.
  bool over() const;

  // Calls `hook` once, when the call is over, however it ends; at once if it is over already. On any thread.
  void OnOver(std::function<void()> hook) const;

  // Names the stream that the call is about, for the log line of a failed or slow call.
  void SetStream(std::string_view stream) const;

 private:
  friend class internal::Call;
  internal::Call& call_;
  runtime::Caller caller_;
  absl::Time deadline_ = absl::InfiniteFuture();
  absl::Time patience_ = absl::InfiniteFuture();
};

namespace internal {

// One RPC in progress. Implemented over gRPC; counted references keep it alive beyond the transport's own end.
class Call {
 public:
  Call() : context_(*this) {}
  virtual ~Call() = default;

  const Context& context() const { return context_; }

  // Unary and server streams: parses and checks the one request. False: refused, and the call is finished.
  virtual bool Receive(google::protobuf::Message& request) = 0;
  // Unary: finishes with this response. Streams: not allowed.
  virtual void Answer(const google::protobuf::Message& response) = 0;
  // Streams: puts a message in the queue, in place of an unsent one with the same key if a key is given. False: over.
  virtual bool Write(const google::protobuf::Message& response, const std::string_view* key) = 0;
  // Bidirectional streams: room for `count` more messages.
  virtual void Release(int count) = 0;
  // Bidirectional streams: see ResponseStream::TakeEvents.
  virtual bool TakeEvents(int count) = 0;
  // Finishes; what is queued is sent before. Only the first one counts.
  virtual void Finish(const absl::Status& status) = 0;

  virtual runtime::Caller CallerOf(std::string_view command_id) const = 0;
  virtual bool over() const = 0;
  virtual void OnOver(std::function<void()> hook) = 0;
  virtual void SetStream(std::string_view stream) = 0;

 protected:
  runtime::Caller& caller() { return context_.caller_; }
  void set_deadline(absl::Time deadline) { context_.deadline_ = context_.patience_ = deadline; }
  void set_patience(absl::Time patience) { context_.patience_ = patience; }

 private:
  Context context_;
};

}  // namespace internal

inline runtime::Caller Context::CallerOf(std::string_view command_id) const { return call_.CallerOf(command_id); }
inline bool Context::over() const { return call_.over(); }
inline void Context::OnOver(std::function<void()> hook) const { call_.OnOver(std::move(hook)); }
inline void Context::SetStream(std::string_view stream) const { call_.SetStream(stream); }

}  // namespace throughline::server
