#include "libs/client/connection.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/support/proto_buffer_reader.h"

#include "libs/client/addresses.h"
#include "libs/client/services.h"
#include "libs/client/tls_problem.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/calls/errors.h"

namespace throughline::client {
namespace {

constexpr int kMaxResponseBytes = 64 << 20;  // fits a page of a thousand long texts

grpc::ChannelArguments Arguments(const Options& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxResponseBytes);
  // Reconnect quickly to a server that was just restarted.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Despite its name, this limits one attempt to connect, handshakes included.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  // A stream may be quiet for long, so ping the server.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(absl::ToInt64Milliseconds(options.silence * 2 / 3)));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(absl::ToInt64Milliseconds(options.silence / 3)));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Every client has a connection of its own, and none uses an HTTP proxy.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // For a name with several addresses: use all of them, except those that do not answer.
  arguments.SetLoadBalancingPolicyName("round_robin");
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const Options& options) {
  if (options.ca_pem.empty() && options.certificate_pem.empty()) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({options.ca_pem, options.key_pem, options.certificate_pem});
}

}  // namespace

Connection::Connection(const Options& options)
    : token_(options.token),
      correlation_id_(options.correlation_id.empty() ? runtime::RandomId() : options.correlation_id) {
  const absl::StatusOr<Addresses> addresses = ParseAddresses(options.address);
  if (!addresses.ok()) {
    address_ = addresses.status();
    return;
  }
  // One connection per address, even if several services share it.
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  std::map<std::vector<std::string>, std::shared_ptr<Replicas>> made;
  const std::vector<std::string> names = ServiceNames();
  const auto services = AllServices();
  for (size_t i = 0; i < services.size(); ++i) {
    const std::vector<std::string>& of_service = addresses->Of(names[i]);
    if (of_service.empty()) continue;
    std::shared_ptr<Replicas>& replicas = made[of_service];
    if (replicas == nullptr) {
      std::vector<std::shared_ptr<grpc::Channel>> own;
      for (const std::string& address : of_service) {
        std::shared_ptr<grpc::Channel>& channel = channels[address];
        if (channel == nullptr) channel = OpenChannel(address, options);
        own.push_back(channel);
      }
      replicas = std::make_shared<Replicas>(std::move(own));
    }
    replicas_[services[i]] = replicas;
  }
}

Replicas& Connection::ReplicasFor(const google::protobuf::Descriptor& request) const {
  return *replicas_.at(MethodFor(request)->service());
}

std::shared_ptr<grpc::Channel> Connection::AnyChannel() const {
  if (replicas_.empty()) return nullptr;
  const Replicas& replicas = *replicas_.begin()->second;
  return replicas.channel(replicas.current());
}

absl::Status Connection::Check(const google::protobuf::Descriptor& request,
                               const google::protobuf::Descriptor& response) const {
  const auto graphic = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isgraph(c); });
  };
  if (!address_.ok()) return address_;
  if (!graphic(token_)) {
    return absl::UnauthenticatedError("the token holds characters that no token contains: check the token file");
  }
  if (!graphic(correlation_id_)) return absl::InvalidArgumentError("the correlation id must be ASCII without spaces");
  const auto* method = MethodFor(request);
  if (method == nullptr) return absl::InternalError(absl::StrCat("no RPC has the request type ", request.full_name()));
  if (method->output_type() != &response) {
    return absl::InternalError(absl::StrCat(method->full_name(), " does not answer with a ", response.full_name()));
  }
  if (!replicas_.contains(method->service())) {
    return absl::InvalidArgumentError(
        absl::StrCat("no address is given for ", method->service()->full_name(), ": add one, as NAME=host:port"));
  }
  return absl::OkStatus();
}

void Connection::Prepare(grpc::ClientContext& context, absl::Time deadline) const {
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
  if (!token_.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token_));
  context.AddMetadata("x-correlation-id", correlation_id_);
}

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address, const Options& options) {
  return grpc::CreateCustomChannel(address, Credentials(options), Arguments(options));
}

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status FromBytes(grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  message.Clear();
  grpc::ProtoBufferReader reader(&bytes);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("the answer is not a ", message.GetTypeName(), ": is another kind of server at this address?"));
}

absl::Status OutcomeOf(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::CANCELLED) return NameTlsProblem(server::FromGrpc(status));
  return absl::UnavailableError("the server stopped before it answered, so the outcome is unknown");
}

bool TryElsewhere(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

bool TryLater(const absl::Status& status) {
  return (absl::IsUnavailable(status) && !IsTlsProblem(status)) ||
         (absl::IsResourceExhausted(status) && runtime::RetryAfterOf(status).has_value());
}

absl::Duration PauseBefore(int next_try, const absl::Status& answer) {
  const absl::Duration own = std::min(absl::Milliseconds(100) * std::exp2(std::min(next_try - 2, 8)), absl::Seconds(2));
  return std::max(own, runtime::RetryAfterOf(answer).value_or(absl::ZeroDuration()));
}

}  // namespace throughline::client
