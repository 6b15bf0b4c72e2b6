#pragma once

// The client's side of Throughline's services: a connection with a credential, deadlines, retries that have one effect,
// and errors as absl::Status with their details (libs/runtime/domain/refusal.h reads them).
//
//   Client ana({.address = "127.0.0.1:7070", .token = token});
//   intake::v1::OpenCaseRequest request = ...;
//   absl::StatusOr<intake::v1::OpenCaseResponse> opened = ana.Call<intake::v1::OpenCaseResponse>(request);
//
// The request names the RPC (services.h). A command without a `command_id` is given one, and every try of a call
// carries the same, so trying again cannot have a second effect. UNAVAILABLE is tried again, with growing pauses, as
// often as Options say and the deadline allows, and so is RESOURCE_EXHAUSTED that names a delay; no try comes before
// the delay that an answer asks for. Nothing else is tried again. Of several replicas of a service the first is called
// until it does not answer, then the next: a call survives the end of a replica.
//
// Call, Start, Watch and Push: from any thread, concurrently. Callbacks of Watch and Push run on the thread that
// called; those of Start on a thread of gRPC's, which they must not block.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace grpc {
class Channel;
}

namespace throughline::client {

struct Options {
  std::string address = "127.0.0.1:7070";      // host:port, or several, see addresses.h
  std::string token;                           // the bearer token by itself; empty: none is sent
  std::string correlation_id;                  // ties all calls of this client together in logs; empty: one is made
  absl::Duration timeout = absl::Seconds(10);  // of one call, with all its tries
  int tries = 5;                               // of one call
  std::string ca_pem;                          // whom to trust; empty: the connection is not encrypted
  std::string certificate_pem, key_pem;        // shown to a server that asks for a certificate
  int push_window = 128;                       // items of one push that wait for their answers
  // A server that calls are open to and that says nothing for so long, though it is asked, is given up: its host or the
  // network between may be gone without a word. The server takes questions no oftener than every 10 seconds.
  absl::Duration silence = absl::Seconds(30);
};

class Connection;

class Client {
 public:
  explicit Client(Options options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // A unary RPC. Errors: those of the RPC; UNAVAILABLE and DEADLINE_EXCEEDED: the outcome of a command is unknown, and
  // it may be sent again with the same `command_id`. INTERNAL: `Resp` is not the response to this request.
  template <class Resp>
  [[nodiscard]] absl::StatusOr<Resp> Call(const google::protobuf::Message& request) const {
    Resp response;
    if (absl::Status status = CallInto(request, response); !status.ok()) return status;
    return response;
  }
  absl::Status CallInto(const google::protobuf::Message& request, google::protobuf::Message& response) const;

  // The same without waiting, and without trying again. `done` may start another call, unless the client is going away.
  template <class Resp>
  void Start(const google::protobuf::Message& request, std::function<void(absl::StatusOr<Resp>)> done) const {
    auto response = std::make_shared<Resp>();
    StartInto(request, *response, [response, done = std::move(done)](const absl::Status& status) {
      status.ok() ? done(std::move(*response)) : done(status);
    });
  }
  // `response` lives until `done` was called.
  void StartInto(const google::protobuf::Message& request, google::protobuf::Message& response,
                 std::function<void(absl::Status)> done) const;

  // A stream from the server, until `each` answers false (then OK), the server ends it, or `timeout` passes
  // (DEADLINE_EXCEEDED). Not tried again, unless `lost` is given: then a watch whose server was reached once and went
  // away is begun again, on the next replica, with growing pauses, and goes on after the last message (`resume_from`),
  // so that `each` is told nothing twice and nothing is left out. `lost` is called when that begins, once until there
  // is a message again.
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

  // A stream in both directions in which every item is answered (PushStatusEvents, PushRawEvents). `next` fills in an
  // item and answers true, or answers false when there are no more; `answered` is told what became of each, in the
  // order of the answers. Items without an `item_id` get one. If the stream breaks as UNAVAILABLE or is too fast for
  // the server, what was not answered is sent again on a new one, as often in a row without an answer as Options.tries
  // says.
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
  // For generated stubs; calls through it carry no credential.
  std::shared_ptr<grpc::Channel> channel() const;

 private:
  const Options options_;
  const std::unique_ptr<Connection> connection_;
};

// The request's command id; a fresh one is filled in if it is empty. Empty: the request is no command.
std::string EnsureCommandId(google::protobuf::Message& request);

}  // namespace throughline::client
