#pragma once

// A client of Throughline's services: a connection with a credential, deadlines, retries that take effect once, and
// errors as absl::Status with their details (read them with libs/runtime/domain/refusal.h).
//
//   Client ana({.address = "127.0.0.1:7070", .token = token});
//   intake::v1::OpenCaseRequest request = ...;
//   absl::StatusOr<intake::v1::OpenCaseResponse> opened = ana.Call<intake::v1::OpenCaseResponse>(request);
//
// The request's type selects the RPC (services.h). A command without a `command_id` gets one; all tries of a call send
// the same one, so a retry has no second effect. UNAVAILABLE is retried with growing pauses, within Options::tries and
// the deadline, and so is RESOURCE_EXHAUSTED that names a delay; no retry comes earlier than the delay that an answer
// asks for. Nothing else is retried. With several replicas, the first that is well is called; one that does not answer
// in its usual time is not waited for: README.md, "Hedging".
//
// Call, Start, Watch and Push are thread-safe. Callbacks of Watch and Push run on the calling thread. Callbacks of
// Start run on a gRPC thread and must not block.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/client/hedging.h"

namespace grpc {
class Channel;
}

namespace throughline::client {

struct Options {
  std::string address = "127.0.0.1:7070";      // host:port, or several; see addresses.h
  std::string token;                           // the bearer token; empty: none is sent
  std::string correlation_id;                  // sent with every call, for the logs; empty: a random one
  std::string traceparent;                     // W3C Trace Context, sent with every call; empty: none
  absl::Duration timeout = absl::Seconds(10);  // of one call, including retries
  int tries = 5;                               // per call, of each replica
  std::string ca_pem;                          // the trusted CA; empty: no encryption
  std::string certificate_pem, key_pem;        // sent if the server asks for a certificate
  // The same as PEM files, in place of the three above, for programs that run long: read again when they change.
  std::string ca_file, certificate_file, key_file;
  int push_window = 128;  // unanswered items per push
  // A server that does not answer pings for this long while calls are open is given up: its host or the network may
  // have failed silently. The server accepts pings at most every 10 seconds.
  absl::Duration silence = absl::Seconds(30);
  Hedging hedging;  // of Call, with several replicas
};

class Connection;

class Client {
 public:
  explicit Client(Options options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // A unary RPC. Returns the RPC's status. After UNAVAILABLE or DEADLINE_EXCEEDED the outcome of a command is unknown;
  // send it again with the same `command_id`. INTERNAL: `Resp` is not the response to this request.
  template <class Resp>
  [[nodiscard]] absl::StatusOr<Resp> Call(const google::protobuf::Message& request) const {
    Resp response;
    if (absl::Status status = CallInto(request, response); !status.ok()) return status;
    return response;
  }
  absl::Status CallInto(const google::protobuf::Message& request, google::protobuf::Message& response) const;

  // Call without waiting, retries and hedges. `done` may start another call, except while the client is being
  // destroyed.
  template <class Resp>
  void Start(const google::protobuf::Message& request, std::function<void(absl::StatusOr<Resp>)> done) const {
    auto response = std::make_shared<Resp>();
    StartInto(request, *response, [response, done = std::move(done)](const absl::Status& status) {
      status.ok() ? done(std::move(*response)) : done(status);
    });
  }
  // `response` must live until `done` is called.
  void StartInto(const google::protobuf::Message& request, google::protobuf::Message& response,
                 std::function<void(absl::Status)> done) const;

  // A server stream. It ends when `each` returns false (OK), when the server ends it, or after `timeout`
  // (DEADLINE_EXCEEDED). Without `lost` it is not retried. With `lost`, a watch that reached a server and lost it
  // reconnects to the next replica, with growing pauses, and resumes after the last message (`resume_from`): `each`
  // gets every message once. `lost` is called when a reconnect begins, and not again until a message has arrived.
  using Lost = std::function<void(const absl::Status& why)>;
  template <class Resp>
  absl::Status Watch(const google::protobuf::Message& request, const std::function<bool(const Resp&)>& each,
                     absl::Duration timeout = absl::InfiniteDuration(), const Lost& lost = nullptr) const {
    Resp response;
    return WatchInto(
        request, response, [&] { return each(response); }, timeout, lost);
  }
  absl::Status WatchInto(const google::protobuf::Message& request, google::protobuf::Message& response,
                         const std::function<bool()>& each, absl::Duration timeout, const Lost& lost = nullptr) const;

  // A bidirectional stream that answers every item (PushStatusEvents, PushRawEvents). `next` fills in an item and
  // returns true, or returns false if there are no more. `answered` gets the result of each item, in the order of the
  // answers. Items without an `item_id` get one. If the stream breaks with UNAVAILABLE or was too fast for the server,
  // unanswered items are sent again on a new stream, at most Options::tries times in a row without an answer.
  template <class Req, class Resp>
  absl::Status Push(const std::function<bool(Req&)>& next,
                    const std::function<void(const Req&, const Resp&)>& answered) const {
    Resp response;
    return PushInto(
        [&]() -> std::unique_ptr<google::protobuf::Message> {
          auto request = std::make_unique<Req>();
          return next(*request) ? std::move(request) : nullptr;
        },
        *Req::descriptor(), response,
        [&](const google::protobuf::Message& request) { answered(static_cast<const Req&>(request), response); });
  }
  absl::Status PushInto(const std::function<std::unique_ptr<google::protobuf::Message>()>& next,
                        const google::protobuf::Descriptor& request, google::protobuf::Message& response,
                        const std::function<void(const google::protobuf::Message&)>& answered) const;

  const Options& options() const { return options_; }
  HedgeCounts hedges() const;  // of Call
  // For generated stubs. Their calls carry no credential.
  std::shared_ptr<grpc::Channel> channel() const;

 private:
  const Options options_;
  const std::unique_ptr<Connection> connection_;
};

// The request's command id; fills in a new one if it is empty. Returns empty if the request is not a command.
std::string EnsureCommandId(google::protobuf::Message& request);

}  // namespace throughline::client
