#pragma once

// Passes on calls of others: bytes in, bytes out, with the credentials and the deadline of whoever called. For
// gateways.
//
//   Forwarder forwarder({.address = "intake:7070"});
//   forwarder.Call({.method = method, .request = bytes, .metadata = {{"authorization", value}}, .deadline = deadline},
//                  [](Reply reply) { ... });
//
// A call goes to a replica that is well, as with Client. A unary call that may be repeated and that a replica does not
// answer (UNAVAILABLE) goes to the next one, each once. Calls are not hedged: whoever called may do that.
//
// Any thread. Callbacks run on gRPC's threads, and must not block. The forwarder outlives its calls: its destructor
// waits for them, so cancel them first.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"

#include "libs/client/client.h"

namespace throughline::client {

using Metadata = std::vector<std::pair<std::string, std::string>>;  // values of `-bin` keys are the bytes themselves

struct Forwarded {
  const google::protobuf::MethodDescriptor* method;
  std::string request;  // serialized
  Metadata metadata;    // keys in lower case
  absl::Time deadline = absl::InfiniteFuture();
  bool repeatable = false;  // may reach two replicas: a read, or a command with an id
};

// How a call ended.
struct Reply {
  int code = 0;  // of gRPC
  std::string message;
  std::string details;  // a serialized google.rpc.Status; empty: none were given
  Metadata headers, trailers;
  std::string response;  // serialized; of a unary call
};

// A call under way. It goes on if this is dropped.
class ForwardedCall {
 public:
  virtual ~ForwardedCall() = default;
  virtual void Cancel() = 0;  // it ends with CANCELLED, unless it has ended
  virtual void Read() = 0;    // the next message of a stream; once after each that was given
};

class Connection;

class Forwarder {
 public:
  // Of `options` the address, TLS, `silence` and `hedging` count. `others`: services besides ours, which `address` must
  // name without names.
  explicit Forwarder(const Options& options, std::vector<const google::protobuf::ServiceDescriptor*> others = {});
  // `channel`: to a server that has all services, in this process; null: as above.
  Forwarder(const Options& options, std::shared_ptr<grpc::Channel> channel);
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  ~Forwarder();

  // INVALID_ARGUMENT: the address is malformed.
  absl::Status Check() const;

  // A unary call. `done` is called once; it may be called before this returns.
  std::shared_ptr<ForwardedCall> Call(Forwarded call, std::function<void(Reply)> done) const;

  // A server stream. `begun` is called with its headers, before everything else, unless it ends without any; `message`
  // for each message, which is then followed by a Read; `done` once. The first message is read without a Read.
  struct StreamEvents {
    std::function<void(Metadata headers)> begun;
    std::function<void(std::string message)> message;
    std::function<void(Reply)> done;
  };
  std::shared_ptr<ForwardedCall> Stream(Forwarded call, StreamEvents events) const;

 private:
  const std::unique_ptr<Connection> connection_;
  struct UnderWay;
  const std::shared_ptr<UnderWay> under_way_;
};

}  // namespace throughline::client
