#pragma once

// Shared by client.cc, forward.cc, health.cc, watch.cc and push.cc only: the channels, the preparation of a call, and
// messages as bytes.

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

#include "libs/client/client.h"
#include "libs/client/plan/outcome.h"
#include "libs/client/plan/usual_time.h"
#include "libs/client/replicas.h"

namespace throughline::client {

// A call on the connection's own queue, whose thread calls Done and deletes it.
struct Operation {
  virtual ~Operation() = default;
  virtual void Done() = 0;
};

class Connection {
 public:
  // `others`: services besides ours, at the addresses without a name.
  explicit Connection(const Options& options,
                      const std::vector<const google::protobuf::ServiceDescriptor*>& others = {});
  // All services, over this channel.
  Connection(const Options& options, std::shared_ptr<grpc::Channel> channel);
  // Waits for the operations.
  ~Connection();

  // Not OK: the address is malformed, the token is not valid as a header, or no RPC has these request and response
  // types.
  absl::Status Check(const google::protobuf::Descriptor& request, const google::protobuf::Descriptor& response) const;
  // Sets the call's deadline and metadata.
  void Prepare(grpc::ClientContext& context, absl::Time deadline) const;

  // The replicas of the service that takes `request`. Check must have returned OK.
  // Null: the address names none.
  Replicas* ReplicasOf(const google::protobuf::ServiceDescriptor& service) const;
  // INVALID_ARGUMENT: the address is malformed.
  const absl::Status& address_status() const { return address_; }
  Replicas& ReplicasFor(const google::protobuf::Descriptor& request) const;
  // For generated stubs; null if the address is malformed.
  std::shared_ptr<grpc::Channel> AnyChannel() const;

  UsualTime& UsualTimeOf(const google::protobuf::Descriptor& request);

  // Asks avoided replicas whose time is over whether they serve.
  void ProbeIfDue(Replicas& replicas);

  // For calls that nobody waits for, with an Operation as tag. Listen starts the thread that ends them.
  grpc::CompletionQueue& queue() { return queue_; }
  void Listen();

  std::atomic<int64_t> calls{0}, hedges{0}, moved{0}, won{0};  // as HedgeCounts

 private:
  class Probe;
  class Files;

  absl::Status address_;
  std::map<const google::protobuf::ServiceDescriptor*, std::shared_ptr<Replicas>> replicas_;
  std::unique_ptr<Files> files_;  // null: nothing that changes
  const std::string token_;
  const std::string correlation_id_;
  const std::string traceparent_;
  const Hedging hedging_;
  grpc::CompletionQueue queue_;
  absl::once_flag listening_;
  std::thread answers_;
  absl::Mutex mutex_;
  std::set<Probe*> probes_ ABSL_GUARDED_BY(mutex_);  // under way
  std::map<const google::protobuf::MethodDescriptor*, std::unique_ptr<UsualTime>> usual_ ABSL_GUARDED_BY(mutex_);
};

// INVALID_ARGUMENT, reason kNoAddress: none of this service's addresses is given.
absl::Status NoAddressOf(const std::string& service);

// A channel to one address, encrypted as the options say.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address, const Options& options);

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);
// INTERNAL: the bytes are not a message of this type.
absl::Status FromBytes(grpc::ByteBuffer& bytes, google::protobuf::Message& message);

// The status of a call that this side did not cancel. A server that stops while it receives a request ends the call
// with CANCELLED; that becomes UNAVAILABLE, since the same command may be sent again. A TLS failure becomes one of
// tls_problem.h.
absl::Status OutcomeOf(const grpc::Status& status);

}  // namespace throughline::client
