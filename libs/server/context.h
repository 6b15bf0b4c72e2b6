#pragma once

// What a handler knows about its call (Context), and the transport's side of a call with its types erased
// (internal::Call, for api.h only).

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

// Any thread. Lives as long as the call's Reply or ResponseStream.
class Context {
 public:
  explicit Context(internal::Call& call) : call_(call) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // The authenticated caller. `command_id`: the request's; random if empty. `time`: when the call arrived.
  // `correlation_id`: the client's `x-correlation-id`, or the trace id of its `traceparent`, or random. `causation_id`:
  // the id of this request. Bidirectional streams: see CallerOf.
  const runtime::Caller& caller() const { return caller_; }

  // The caller for one message of a bidirectional stream: with its `command_id` (random if empty), and the present
  // time.
  runtime::Caller CallerOf(std::string_view command_id) const;

  // The deadline of the call. InfiniteFuture for a stream without one.
  absl::Time deadline() const { return deadline_; }
  // How long to wait for something that must happen before the first answer. The deadline; for a stream without one,
  // the default deadline of unary calls.
  absl::Time patience() const { return patience_; }

  // Whether the call was answered or cancelled, or its deadline has passed.
  bool over() const;

  // Calls `hook` once, when the call is over; at once if it is over already. On any thread.
  void OnOver(std::function<void()> hook) const;

  // Sets the stream of the call, for the log line of a failed or slow call.
  void SetStream(std::string_view stream) const;

 private:
  friend class internal::Call;
  internal::Call& call_;
  runtime::Caller caller_;
  absl::Time deadline_ = absl::InfiniteFuture();
  absl::Time patience_ = absl::InfiniteFuture();
};

namespace internal {

// One RPC in progress, implemented over gRPC. Reference-counted: it may outlive the transport's call.
class Call {
 public:
  Call() : context_(*this) {}
  virtual ~Call() = default;

  const Context& context() const { return context_; }

  // Unary and server streams: parses and checks the request. False: refused, and the call is finished.
  virtual bool Receive(google::protobuf::Message& request) = 0;
  // Unary: finishes with this response. Streams: not allowed.
  virtual void Answer(const google::protobuf::Message& response) = 0;
  // Streams: queues a message; with a key, it replaces an unsent one with the same key. False: the stream is over.
  virtual bool Write(const google::protobuf::Message& response, const std::string_view* key) = 0;
  // Bidirectional streams: room for `count` more messages.
  virtual void Release(int count) = 0;
  // Bidirectional streams: see ResponseStream::TakeEvents.
  virtual bool TakeEvents(int count) = 0;
  // Sends the queue, then finishes. Only the first call counts.
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
