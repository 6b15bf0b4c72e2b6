#pragma once

// One protobuf service and the handlers of its methods. Everything that is the same for all RPCs is done around the
// handlers: authentication, roles (the proto option `throughline.common.v1.access`), size limits, UTF-8, deadlines,
// limits on calls in flight, `google.rpc` error details, metrics and log lines. A handler must not block: it hands the
// call over and returns; the answer may come from any thread.
//
//   Api api("throughline.intake.v1.IntakeService");
//   api.Unary<v1::GetCaseRequest, v1::GetCaseResponse>(
//       "GetCase", [&cases](const Context& context, v1::GetCaseRequest request, Reply<v1::GetCaseResponse> reply) {
//         reply(cases.Get(request.case_id()));  // a response, an absl::Status, or an absl::StatusOr of a response
//       });
//
// A handler can rely on this: all strings are valid UTF-8, and no string or bytes field is longer than its limit;
// `command_id` has at most 128 bytes and no control characters; `page_size` is in 1..maximum (0 was replaced by the
// default, and more than the maximum by the maximum).
//
// Registration: one thread, before the server starts. Handlers are called on any thread, concurrently.

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

// Answers a unary call, from any thread. Copies answer the same call; only the first answer counts. If the last copy is
// destroyed without an answer, the call ends INTERNAL instead of hanging.
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

// Writes to a stream, from any thread. The queue is bounded (ServerOptions::max_queued_messages, max_queued_bytes):
// when a slow reader fills it, the stream ends with RESOURCE_EXHAUSTED. A watch avoids that by WriteLatest. A
// bidirectional stream whose window is below half the queue cannot fill it, because the server stops reading from the
// client while the queue is half full (back-pressure). If it is destroyed without Finish, the call ends INTERNAL.
template <class Resp>
class ResponseStream {
 public:
  explicit ResponseStream(std::shared_ptr<internal::Call> call) : call_(std::move(call)) {}
  // Queues a message. False: the stream is over.
  bool Write(const Resp& response) const { return call_->Write(response, nullptr); }
  // As Write, but drops the unsent message with the same key, if any: a slow reader gets the latest state of each
  // thing, not its history. Messages are sent in the order of the calls.
  bool WriteLatest(std::string_view key, const Resp& response) const { return call_->Write(response, &key); }
  // Bidirectional streams: `count` received messages are done, so that as many more may come.
  void Release(int count = 1) const { call_->Release(count); }
  // Bidirectional streams, in OnMessage: the message holds `count` events; charges the sender's rate with as many
  // instead of one. False: the sender exceeds its rate. Then the handler must neither process nor answer the message;
  // the stream ends with the reason once the earlier messages are answered.
  [[nodiscard]] bool TakeEvents(int count) const { return call_->TakeEvents(count); }
  // Sends the queue, then ends the stream. Only the first call counts.
  void Finish(const absl::Status& status) const { call_->Finish(status); }
  const Context& context() const { return call_->context(); }

 private:
  std::shared_ptr<internal::Call> call_;
};

// The handler's side of a bidirectional stream. At most `window` messages are outstanding: received, and not released
// by ResponseStream::Release. OnMessage and OnHalfClose are called in order, one at a time; OnOver may run
// concurrently.
template <class Req>
class Session {
 public:
  virtual ~Session() = default;
  virtual void OnMessage(Req message) = 0;
  // Called instead of OnMessage if the message violates a field rule of the contract, or if a string is not UTF-8 (then
  // `message` holds the fields before it). False: not answered, and the stream ends with `status`.
  virtual bool OnBadMessage(Req message, const absl::Status& status) {
    static_cast<void>(message), static_cast<void>(status);
    return false;
  }
  // The client has sent its last message, or the server drains. Finish the response stream when all is answered.
  virtual void OnHalfClose() = 0;
  // The stream has ended, for whatever reason. Called once; the session is released afterwards.
  virtual void OnOver() {}
};

class Api {
 public:
  // The service's full name. Its generated messages must be linked in.
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

  // `handler` makes the session, or returns null after it has finished the response stream.
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

  // A larger limit for one string or bytes field, by full name, such as a carrier's payload. The limit of its message
  // grows by as much.
  void AllowLargerField(std::string_view full_field_name, size_t max_bytes);

  // Null: there is no such service; Check() fails.
  const google::protobuf::ServiceDescriptor* service() const { return service_; }

  // For the transport only.
  enum class Kind { kUnary, kServerStream, kBidiStream };
  // A session with its type erased.
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
  // An error: a method has no handler, is unknown, has another kind or type, or has no access option. The server then
  // does not start.
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
