#pragma once

// One protobuf service and the handlers of its methods. What is the same for every RPC happens before and after the
// handler, once, for all: authentication, roles (the proto option `throughline.common.v1.access`), size limits, UTF-8,
// deadlines, limits on what is in flight, `google.rpc` error details, metrics and log lines. A handler never blocks: it
// hands over and returns, and answers from whatever thread it likes.
//
//   Api api("throughline.intake.v1.IntakeService");
//   api.Unary<v1::GetCaseRequest, v1::GetCaseResponse>(
//       "GetCase", [&cases](const Context& context, v1::GetCaseRequest request, Reply<v1::GetCaseResponse> reply) {
//         reply(cases.Get(request.case_id()));  // a response, an absl::Status, or an absl::StatusOr of a response
//       });
//
// What a handler can rely on: all strings are valid UTF-8 and no string or bytes field is longer than the limit (a
// field of bytes may have its own, larger one); `command_id` is at most 128 bytes without control characters;
// `page_size` lies in 1..maximum (0 became the default, more than the maximum became the maximum).
//
// Registration: one thread, before the server starts. Handlers: called on any thread, concurrently.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

#include "libs/server/context.h"

namespace throughline::server {

// Answers a unary call, once, from any thread. Copyable; copies answer the same call, and only the first answer counts.
// If the last copy goes away without an answer, the call ends INTERNAL rather than hanging.
template <class Resp>
class Reply {
 public:
  explicit Reply(std::shared_ptr<internal::Call> call) : call_(std::move(call)) {}
  void operator()(const Resp& response) const { call_->Answer(response); }
  void operator()(const absl::Status& refusal) const { call_->Finish(refusal); }
  void operator()(const absl::StatusOr<Resp>& outcome) const {
    outcome.ok() ? call_->Answer(*outcome) : call_->Finish(outcome.status());
  }
  const Context& context() const { return call_->context(); }

 private:
  std::shared_ptr<internal::Call> call_;
};

// Writes to a stream, from any thread. Memory is bounded: a reader that falls behind by more than the limits
// (ServerOptions::max_queued_messages, max_queued_bytes) has its stream ended with RESOURCE_EXHAUSTED. A watch avoids
// that with WriteLatest; a bidirectional stream whose window is below half the queue never meets it, because nothing is
// read from a client while half of the queue waits to be read by it. If the writer goes away without Finish, the call
// ends INTERNAL.
template <class Resp>
class ResponseStream {
 public:
  explicit ResponseStream(std::shared_ptr<internal::Call> call) : call_(std::move(call)) {}
  // Queues a message. False: the stream is over, nothing more will be sent.
  bool Write(const Resp& response) const { return call_->Write(response, nullptr); }
  // As Write, but the unsent message with the same key, if there is one, is let go, so that a slow reader sees the
  // newest state of each thing and not its history. Messages still come in the order in which they were written.
  bool WriteLatest(std::string_view key, const Resp& response) const { return call_->Write(response, &key); }
  // Bidirectional streams: `count` received messages are dealt with, so that as many more may come.
  void Release(int count = 1) const { call_->Release(count); }
  // Bidirectional streams, in OnMessage: the message holds `count` events, and its sender's rate is charged with so
  // many in place of one. False: it sends too many; nothing of the message may be done, nor answered, and the stream
  // ends with the reason when what came before is answered.
  [[nodiscard]] bool TakeEvents(int count) const { return call_->TakeEvents(count); }
  // Sends what is queued, then ends the stream. Only the first one counts.
  void Finish(const absl::Status& status) const { call_->Finish(status); }
  const Context& context() const { return call_->context(); }

 private:
  std::shared_ptr<internal::Call> call_;
};

// The handler's side of one bidirectional stream. At most `window` messages are outstanding: received and not released
// by ResponseStream::Release. OnMessage and OnHalfClose are called one at a time, in order; OnOver may come beside
// them.
template <class Req>
class Session {
 public:
  virtual ~Session() = default;
  virtual void OnMessage(Req message) = 0;
  // In place of OnMessage: the message breaks the rules of the contract's fields, or a text in it is not UTF-8 and
  // `message` holds what came before it. False: not answered, so the stream ends with `status`.
  virtual bool OnBadMessage(Req message, const absl::Status& status) {
    static_cast<void>(message), static_cast<void>(status);
    return false;
  }
  // The client has sent all that it wants to send, or the server drains. Finish the writer when all is answered.
  virtual void OnHalfClose() = 0;
  // The stream is over, however it ended; nothing can be written any more. Once. The session is let go afterwards.
  virtual void OnOver() {}
};

class Api {
 public:
  // The service's full name; its generated messages are linked in.
  explicit Api(const std::string& service);
  explicit Api(const google::protobuf::ServiceDescriptor& service);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  ~Api();

  template <class Req, class Resp>
  void Unary(std::string_view method, std::function<void(const Context&, Req request, Reply<Resp> reply)> handler) {
    Add(method, Kind::kUnary, *Req::descriptor(), *Resp::descriptor(),
        [handler = std::move(handler)](std::shared_ptr<internal::Call> call) {
          Req request;
          if (!call->Receive(request)) return;
          handler(call->context(), std::move(request), Reply<Resp>(call));
        });
  }

  template <class Req, class Resp>
  void ServerStream(
      std::string_view method,
      std::function<void(const Context&, Req request, std::shared_ptr<ResponseStream<Resp>> writer)> handler) {
    Add(method, Kind::kServerStream, *Req::descriptor(), *Resp::descriptor(),
        [handler = std::move(handler)](std::shared_ptr<internal::Call> call) {
          Req request;
          if (!call->Receive(request)) return;
          handler(call->context(), std::move(request), std::make_shared<ResponseStream<Resp>>(call));
        });
  }

  // `handler` makes the session, or answers null after it has finished the writer.
  template <class Req, class Resp>
  void BidiStream(
      std::string_view method, int window,
      std::function<std::shared_ptr<Session<Req>>(const Context&, std::shared_ptr<ResponseStream<Resp>> writer)>
          handler) {
    AddBidi(method, *Req::descriptor(), *Resp::descriptor(), window,
            [handler = std::move(handler)](std::shared_ptr<internal::Call> call) -> std::unique_ptr<RawSession> {
              auto session = handler(call->context(), std::make_shared<ResponseStream<Resp>>(call));
              return session == nullptr ? nullptr : std::make_unique<TypedSession<Req>>(std::move(session));
            });
  }

  // A field of bytes or text, by full name, that may be longer than the general limit: a carrier's own payload. Its
  // message may be longer by as much.
  void AllowLargerField(std::string_view full_field_name, size_t max_bytes);

  // Null if there is no such service; Check() says so.
  const google::protobuf::ServiceDescriptor* service() const { return service_; }

  // What the transport needs; not for handlers.
  enum class Kind { kUnary, kServerStream, kBidiStream };
  // A session without its type.
  struct RawSession {
    virtual ~RawSession() = default;
    virtual std::unique_ptr<google::protobuf::Message> NewMessage() const = 0;
    virtual void OnMessage(google::protobuf::Message& message) = 0;
    virtual bool OnBadMessage(google::protobuf::Message& message, const absl::Status& status) = 0;
    virtual void OnHalfClose() = 0;
    virtual void OnOver() = 0;
  };
  struct Method {
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    Kind kind = Kind::kUnary;
    std::function<void(std::shared_ptr<internal::Call>)> run;
    std::function<std::unique_ptr<RawSession>(std::shared_ptr<internal::Call>)> open;
    int window = 0;
  };
  const std::vector<Method>& methods() const { return methods_; }  // in the order of the service
  const std::vector<std::pair<std::string, size_t>>& larger_fields() const { return larger_fields_; }
  // Not OK: a method is missing, unknown, of another kind or type, or carries no access option. The server then refuses
  // to start.
  absl::Status Check() const;

 private:
  template <class Req>
  struct TypedSession final : RawSession {
    explicit TypedSession(std::shared_ptr<Session<Req>> s) : session(std::move(s)) {}
    std::unique_ptr<google::protobuf::Message> NewMessage() const override { return std::make_unique<Req>(); }
    void OnMessage(google::protobuf::Message& message) override {
      session->OnMessage(std::move(static_cast<Req&>(message)));
    }
    bool OnBadMessage(google::protobuf::Message& message, const absl::Status& status) override {
      return session->OnBadMessage(std::move(static_cast<Req&>(message)), status);
    }
    void OnHalfClose() override { session->OnHalfClose(); }
    void OnOver() override { session->OnOver(); }
    std::shared_ptr<Session<Req>> session;
  };

  void Add(std::string_view method, Kind kind, const google::protobuf::Descriptor& request,
           const google::protobuf::Descriptor& response, std::function<void(std::shared_ptr<internal::Call>)> run);
  void AddBidi(std::string_view method, const google::protobuf::Descriptor& request,
               const google::protobuf::Descriptor& response, int window,
               std::function<std::unique_ptr<RawSession>(std::shared_ptr<internal::Call>)> open);
  Method* Find(std::string_view method, Kind kind, const google::protobuf::Descriptor& request,
               const google::protobuf::Descriptor& response);

  const google::protobuf::ServiceDescriptor* service_;
  std::vector<Method> methods_;
  std::vector<std::pair<std::string, size_t>> larger_fields_;
  absl::Status problem_;
};

}  // namespace throughline::server
