#pragma once

// What client.cc, watch.cc and push.cc share: the channels, how a call is prepared, and messages as bytes. Nobody else
// includes it.

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

  // Not OK: the address cannot be read, the credential cannot travel, or no RPC takes `request` and gives `response`.
  absl::Status Check(const google::protobuf::Descriptor& request, const google::protobuf::Descriptor& response) const;
  // Gives the call its deadline and its metadata.
  void Prepare(grpc::ClientContext& context, absl::Time deadline) const;

  // Of the service that takes `request`, for which Check was OK.
  Replicas& ReplicasFor(const google::protobuf::Descriptor& request) const;
  // For generated stubs; null if the address cannot be read.
  std::shared_ptr<grpc::Channel> AnyChannel() const;

  // Of calls that nobody waits for: begun on first use, ended with the client.
  grpc::CompletionQueue queue;
  absl::once_flag listening;
  std::thread answers;

 private:
  absl::Status address_;
  std::map<const google::protobuf::ServiceDescriptor*, std::shared_ptr<Replicas>> replicas_;
  const std::string token_;
  const std::string correlation_id_;
};

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);
// INTERNAL: the server sent something else.
absl::Status FromBytes(grpc::ByteBuffer& bytes, google::protobuf::Message& message);

// How a call ended that this side did not cancel. A server that stops while it still takes a request in ends the call
// as CANCELLED, which is UNAVAILABLE: the same command may be sent again.
// A connection that TLS prevents is called that (tls_problem.h).
absl::Status OutcomeOf(const grpc::Status& status);

// Whether another replica may do better: this one does not answer, or says that it cannot now.
bool TryElsewhere(const absl::Status& status);

// Whether the same server may take the same request later: it does not answer, or has too much to do and says how long
// to wait.
bool TryLater(const absl::Status& status);

// The pause before try number `next_try` (2, 3, ...) after this answer: no shorter than it asks for.
absl::Duration PauseBefore(int next_try, const absl::Status& answer);

}  // namespace throughline::client
