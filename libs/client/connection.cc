#include "libs/client/connection.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <pthread.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/support/proto_buffer_reader.h"

#include "libs/client/addresses.h"
#include "libs/client/services.h"
#include "libs/client/tls_problem.h"
#include "libs/files/reloaded.h"
#include "libs/files/whole_file.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/calls/errors.h"
#include "libs/server/transport/tls_files.h"
#include "libs/tracing/trace_context.h"

namespace throughline::client {
namespace {

constexpr int kMaxResponseBytes = 64 << 20;  // fits a page of a thousand long texts
constexpr absl::Duration kProbePatience = absl::Seconds(1);

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

// The options with what their files hold.
absl::StatusOr<Options> ReadFiles(Options options) {
  for (const auto& [path, pem] : {std::pair(&options.ca_file, &options.ca_pem),
                                  {&options.certificate_file, &options.certificate_pem},
                                  {&options.key_file, &options.key_pem}}) {
    if (path->empty()) continue;
    const std::optional<std::string> content = files::ReadFile(*path);
    if (!content) return absl::InvalidArgumentError(absl::StrCat("the file ", *path, " cannot be read"));
    *pem = *content;
  }
  if (options.certificate_file.empty()) return options;
  // Not yet, while a certificate waits for its key.
  absl::Status pair = server::CheckTlsFiles({options.certificate_file, options.key_file, options.ca_file});
  return pair.ok() ? absl::StatusOr<Options>(options) : pair;
}

// To the addresses; those that share one share its channel, which is opened once.
std::vector<std::shared_ptr<grpc::Channel>> OpenChannels(
    const std::vector<std::string>& addresses, const Options& options,
    std::map<std::string, std::shared_ptr<grpc::Channel>>& channels) {
  std::vector<std::shared_ptr<grpc::Channel>> opened;
  for (const std::string& address : addresses) {
    std::shared_ptr<grpc::Channel>& channel = channels[address];
    if (channel == nullptr) channel = OpenChannel(address, options);
    opened.push_back(channel);
  }
  return opened;
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const Options& options) {
  if (options.ca_pem.empty() && options.certificate_pem.empty()) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({options.ca_pem, options.key_pem, options.certificate_pem});
}

}  // namespace

// Channels whose credentials are in files. New ones are opened when the files change, because a server may refuse what
// comes over a connection whose certificate it no longer trusts.
class Connection::Files {
 public:
  static absl::StatusOr<std::unique_ptr<Files>> Load(const Options& options) {
    constexpr std::chrono::milliseconds kEvery(500);
    auto loaded = files::Reloaded<Options>::Load(
        {options.ca_file, options.certificate_file, options.key_file}, [options] { return ReadFiles(options); },
        kEvery);
    if (!loaded.ok()) return loaded.status();
    return std::make_unique<Files>(*std::move(loaded));
  }
  explicit Files(std::unique_ptr<files::Reloaded<Options>> options)
      : options_(std::move(options)), in_use_(options_->generation()) {}

  std::shared_ptr<const Options> options() const { return options_->Get(); }
  void Keep(std::shared_ptr<Replicas> replicas, const std::vector<std::string>& addresses) {
    kept_.emplace_back(std::move(replicas), addresses);
  }
  void RenewIfChanged() {
    const std::shared_ptr<const Options> options = options_->Get();
    const uint64_t now = options_->generation();
    if (in_use_.exchange(now) == now) return;
    absl::MutexLock lock(&mutex_);
    std::erase_if(retired_, [](const auto& channel) { return channel.use_count() == 1; });
    std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
    for (const auto& [replicas, addresses] : kept_) {
      for (auto& channel : replicas->Renew(OpenChannels(addresses, *options, channels))) {
        retired_.insert(std::move(channel));
      }
    }
  }

 private:
  const std::unique_ptr<files::Reloaded<Options>> options_;
  std::atomic<uint64_t> in_use_;
  std::vector<std::pair<std::shared_ptr<Replicas>, std::vector<std::string>>> kept_;
  absl::Mutex mutex_;
  std::set<std::shared_ptr<grpc::Channel>> retired_ ABSL_GUARDED_BY(mutex_);  // until their calls have ended
};

Connection::Connection(const Options& given, const std::vector<const google::protobuf::ServiceDescriptor*>& others)
    : token_(given.token),
      correlation_id_(given.correlation_id.empty() ? runtime::RandomId() : given.correlation_id),
      // Metadata that cannot be sent ends the process.
      traceparent_(tracing::TraceContext::Parse(given.traceparent) ? given.traceparent : ""),
      hedging_(given.hedging) {
  Options options = given;
  if (!given.ca_file.empty()) {
    absl::StatusOr<std::unique_ptr<Files>> files = Files::Load(given);
    if (!files.ok()) {
      address_ = files.status();
      return;
    }
    files_ = *std::move(files);
    options = *files_->options();
  }
  const absl::StatusOr<Addresses> addresses = ParseAddresses(options.address);
  if (!addresses.ok()) {
    address_ = addresses.status();
    return;
  }
  // One connection per address, even if several services share it.
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  std::map<std::vector<std::string>, std::shared_ptr<Replicas>> made;
  const auto add = [&](const google::protobuf::ServiceDescriptor* service, const std::vector<std::string>& of_service) {
    if (of_service.empty()) return;
    std::shared_ptr<Replicas>& replicas = made[of_service];
    if (replicas == nullptr) {
      replicas = std::make_shared<Replicas>(OpenChannels(of_service, options, channels), options.hedging);
      if (files_ != nullptr) files_->Keep(replicas, of_service);
    }
    replicas_[service] = replicas;
  };
  for (const auto* service : AllServices()) add(service, addresses->Of(ServiceName(*service)));
  for (const auto* service : others) add(service, addresses->all);
}

Connection::Connection(const Options& options, std::shared_ptr<grpc::Channel> channel)
    : token_(options.token),
      correlation_id_(options.correlation_id.empty() ? runtime::RandomId() : options.correlation_id),
      hedging_(options.hedging) {
  const auto only = std::make_shared<Replicas>(std::vector{std::move(channel)}, options.hedging);
  for (const auto* service : AllServices()) replicas_[service] = only;
}

Replicas* Connection::ReplicasOf(const google::protobuf::ServiceDescriptor& service) const {
  if (files_ != nullptr) files_->RenewIfChanged();
  const auto found = replicas_.find(&service);
  return found == replicas_.end() ? nullptr : found->second.get();
}

Replicas& Connection::ReplicasFor(const google::protobuf::Descriptor& request) const {
  return *ReplicasOf(*MethodFor(request)->service());
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
  return replicas_.contains(method->service()) ? absl::OkStatus() : NoAddressOf(ServiceName(*method->service()));
}

void Connection::Prepare(grpc::ClientContext& context, absl::Time deadline) const {
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
  if (!token_.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token_));
  context.AddMetadata("x-correlation-id", correlation_id_);
  if (!traceparent_.empty()) context.AddMetadata("traceparent", traceparent_);
}

absl::Status NoAddressOf(const std::string& service) {
  return runtime::Refuse(absl::StatusCode::kInvalidArgument, kNoAddress,
                         absl::StrCat("no address of ", service, " is given: add ", service, "=host:port"));
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

void Connection::Listen() {
  absl::call_once(listening_, [this] {
    answers_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "tl-client");
      void* tag;
      bool ok;
      while (queue_.Next(&tag, &ok)) {
        const std::unique_ptr<Operation> operation(static_cast<Operation*>(tag));
        operation->Done();
      }
    });
  });
}

// Asks an avoided replica whether it serves.
class Connection::Probe final : public Operation {
 public:
  Probe(Connection& connection, Replicas& replicas, size_t which)
      : connection_(connection), replicas_(replicas), which_(which) {}

  void Start() {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + kProbePatience));
    context_.set_wait_for_ready(true);  // connects, if it must
    call_ =
        replicas_.stub(which_)->PrepareUnaryCall(&context_, "/grpc.health.v1.Health/Check",
                                                 ToBytes(grpc::health::v1::HealthCheckRequest()), &connection_.queue_);
    call_->StartCall();
    call_->Finish(&bytes_, &status_, static_cast<Operation*>(this));
  }
  void Cancel() { context_.TryCancel(); }

  void Done() override {
    {
      absl::MutexLock lock(&connection_.mutex_);
      connection_.probes_.erase(this);
    }
    grpc::health::v1::HealthCheckResponse response;
    // A server without health checks that answers is well, too.
    const bool serves = status_.ok() ? FromBytes(bytes_, response).ok() &&
                                           response.status() == grpc::health::v1::HealthCheckResponse::SERVING
                                     : status_.error_code() == grpc::StatusCode::UNIMPLEMENTED;
    replicas_.health().Probed(which_, serves, absl::Now());
  }

 private:
  Connection& connection_;
  Replicas& replicas_;
  const size_t which_;
  grpc::ClientContext context_;
  grpc::ByteBuffer bytes_;
  grpc::Status status_;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call_;
};

void Connection::ProbeIfDue(Replicas& replicas) {
  while (const auto due = replicas.health().ToProbe(absl::Now())) {
    Listen();
    auto* probe = new Probe(*this, replicas, *due);  // the queue's thread deletes it
    absl::MutexLock lock(&mutex_);
    probes_.insert(probe);
    probe->Start();
  }
}

Connection::~Connection() {
  {
    absl::MutexLock lock(&mutex_);
    for (Probe* probe : probes_) probe->Cancel();
  }
  queue_.Shutdown();
  if (answers_.joinable()) answers_.join();
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
  }
}

UsualTime& Connection::UsualTimeOf(const google::protobuf::Descriptor& request) {
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<UsualTime>& usual = usual_[MethodFor(request)];
  if (usual == nullptr) usual = std::make_unique<UsualTime>(hedging_);
  return *usual;
}

}  // namespace throughline::client
