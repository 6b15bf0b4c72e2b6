#pragma once

// What client.cc, watch.cc and push.cc share: the channel, how a call is prepared, and messages as bytes. Nobody else
// includes it.

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

namespace throughline::client {

class Connection {
 public:
  explicit Connection(const Options& options);

  // Not OK: the credential cannot travel, or no RPC takes `request` and gives `response`.
  absl::Status Check(const google::protobuf::Descriptor& request, const google::protobuf::Descriptor& response) const;
  // Gives the call its deadline and its metadata.
  void Prepare(grpc::ClientContext& context, absl::Time deadline) const;

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<grpc::GenericStub> stub;

  // Of calls that nobody waits for: begun on first use, ended with the client.
  grpc::CompletionQueue queue;
  absl::once_flag listening;
  std::thread answers;

 private:
  const std::string token_;
  const std::string correlation_id_;
};

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);
// INTERNAL: the server sent something else.
absl::Status FromBytes(grpc::ByteBuffer& bytes, google::protobuf::Message& message);

// The pause before try number `next_try` (2, 3, ...).
absl::Duration PauseBefore(int next_try);

}  // namespace throughline::client
