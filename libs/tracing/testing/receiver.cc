#include "libs/tracing/testing/receiver.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/impl/codegen/method_handler.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/codegen/rpc_service_method.h"
#include "grpcpp/impl/codegen/service_type.h"

namespace throughline::tracing::testing {
namespace {

using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using Response = opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

}  // namespace

std::string ReceivedSpan::Id() const { return Hex(span.span_id()); }
std::string ReceivedSpan::ParentId() const { return Hex(span.parent_span_id()); }
std::string ReceivedSpan::TraceId() const { return Hex(span.trace_id()); }

// The service without generated code for it.
class Receiver::Service final : public grpc::Service {
 public:
  explicit Service(Receiver& receiver) {
    AddMethod(new grpc::internal::RpcServiceMethod(
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export", grpc::internal::RpcMethod::NORMAL_RPC,
        new grpc::internal::RpcMethodHandler<Service, Request, Response, google::protobuf::MessageLite,
                                             google::protobuf::MessageLite>(
            [&receiver](Service*, grpc::ServerContext*, const Request* request, Response*) {
              return receiver.Take(*request);
            },
            this)));
  }
};

Receiver::Receiver(const Tls& tls, int port) : service_(std::make_unique<Service>(*this)) {
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({tls.key_pem, tls.certificate_pem});
  grpc::ServerBuilder builder;
  builder.AddListeningPort(
      absl::StrCat("127.0.0.1:", port),
      tls.certificate_pem.empty() ? grpc::InsecureServerCredentials() : grpc::SslServerCredentials(options), &port_);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  endpoint_ = absl::StrCat("127.0.0.1:", port_);
}

Receiver::~Receiver() { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1)); }

void Receiver::AnswerWith(grpc::Status status) {
  absl::MutexLock lock(&mutex_);
  answer_ = std::move(status);
}

grpc::Status Receiver::Take(const Request& request) {
  absl::MutexLock lock(&mutex_);
  if (!answer_.ok()) return answer_;
  for (const auto& resource : request.resource_spans()) {
    std::string service;
    for (const auto& attribute : resource.resource().attributes()) {
      if (attribute.key() == "service.name") service = attribute.value().string_value();
    }
    for (const auto& scope : resource.scope_spans()) {
      for (const auto& span : scope.spans()) spans_.push_back({service, span});
    }
  }
  return answer_;
}

bool Receiver::Await(size_t count, absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  const auto enough = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return spans_.size() >= count; };
  return mutex_.AwaitWithTimeout(absl::Condition(&enough), patience);
}

std::vector<ReceivedSpan> Receiver::spans() const {
  absl::MutexLock lock(&mutex_);
  return spans_;
}

std::string Receiver::Tree(const std::string& trace_id) const {
  std::vector<ReceivedSpan> spans = this->spans();
  std::erase_if(spans, [&](const ReceivedSpan& span) { return span.TraceId() != trace_id; });
  std::sort(spans.begin(), spans.end(), [](const ReceivedSpan& a, const ReceivedSpan& b) {
    return a.span.start_time_unix_nano() < b.span.start_time_unix_nano();
  });
  const auto known = [&](const std::string& id) {
    return std::any_of(spans.begin(), spans.end(), [&](const ReceivedSpan& span) { return span.Id() == id; });
  };
  std::string tree;
  const std::function<void(const ReceivedSpan&, const std::string&)> draw = [&](const ReceivedSpan& span,
                                                                                const std::string& indent) {
    absl::StrAppend(&tree, indent, span.service, " ", span.span.name(), "\n");
    for (const ReceivedSpan& below : spans) {
      if (below.ParentId() == span.Id()) draw(below, indent + "  ");
    }
  };
  for (const ReceivedSpan& span : spans) {
    if (!known(span.ParentId())) draw(span, "");
  }
  return tree;
}

}  // namespace throughline::tracing::testing
