#pragma once

// Shared by client.cc, health.cc, watch.cc and push.cc only: the channels, the preparation of a call, and messages as
// bytes.

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/call_once.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

#include "libs/client/client.h"
#include "libs/client/replicas.h"

namespace throughline::client {

class Connection {
 public:
  explicit Connection(const Options& options);

  // Not OK: the address is malformed, the token is not valid as a header, or no RPC has these request and response
  // types.
  absl::Status Check(const google::protobuf::Descriptor& request, const google::protobuf::Descriptor& response) const;
  // Sets the call's deadline and metadata.
  void Prepare(grpc::ClientContext& context, absl::Time deadline) const;

  // The replicas of the service that takes `request`. Check must have returned OK.
  Replicas& ReplicasFor(const google::protobuf::Descriptor& request) const;
  // For generated stubs; null if the address is malformed.
  std::shared_ptr<grpc::Channel> AnyChannel() const;

  // For calls of Start: created on first use, destroyed with the client.
  grpc::CompletionQueue queue;
  absl::once_flag listening;
  std::thread answers;

 private:
  absl::Status address_;
  std::map<const google::protobuf::ServiceDescriptor*, std::shared_ptr<Replicas>> replicas_;
  const std::string token_;
  const std::string correlation_id_;
};

// A channel to one address, encrypted as the options say.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address, const Options& options);

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);
// INTERNAL: the bytes are not a message of this type.
absl::Status FromBytes(grpc::ByteBuffer& bytes, google::protobuf::Message& message);

// The status of a call that this side did not cancel. A server that stops while it receives a request ends the call
// with CANCELLED; that becomes UNAVAILABLE, since the same command may be sent again. A TLS failure becomes one of
// tls_problem.h.
absl::Status OutcomeOf(const grpc::Status& status);

// Whether to try another replica: this one does not answer, or says that it cannot answer now.
bool TryElsewhere(const absl::Status& status);

// Whether to send the same request to the same server later: it does not answer, or it is overloaded and says how long
// to wait.
bool TryLater(const absl::Status& status);

// The pause before try number `next_try` (2, 3, ...): at least the delay that the answer asks for.
absl::Duration PauseBefore(int next_try, const absl::Status& answer);

}  // namespace throughline::client
