#include "libs/tracing/otlp.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/proto_utils.h"

#include "libs/crypto/authorities.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace throughline::tracing {
namespace {

namespace otlp = ::opentelemetry::proto;
using Request = otlp::collector::trace::v1::ExportTraceServiceRequest;
using Response = otlp::collector::trace::v1::ExportTraceServiceResponse;

constexpr char kExport[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

otlp::trace::v1::Span::SpanKind KindOf(Span::Kind kind) {
  switch (kind) {
    case Span::Kind::kInternal:
      return otlp::trace::v1::Span::SPAN_KIND_INTERNAL;
    case Span::Kind::kServer:
      return otlp::trace::v1::Span::SPAN_KIND_SERVER;
    case Span::Kind::kClient:
      return otlp::trace::v1::Span::SPAN_KIND_CLIENT;
    case Span::Kind::kProducer:
      return otlp::trace::v1::Span::SPAN_KIND_PRODUCER;
    case Span::Kind::kConsumer:
      return otlp::trace::v1::Span::SPAN_KIND_CONSUMER;
  }
  return otlp::trace::v1::Span::SPAN_KIND_UNSPECIFIED;
}

template <typename Attributes>
void Add(Attributes& attributes, const std::string& key, const std::string& value) {
  auto& attribute = *attributes.Add();
  attribute.set_key(key);
  attribute.mutable_value()->set_string_value(value);
}

void Fill(otlp::trace::v1::Span& to, const Span& span) {
  to.set_trace_id(absl::HexStringToBytes(span.context.trace_id));
  to.set_span_id(absl::HexStringToBytes(span.context.span_id));
  to.set_parent_span_id(absl::HexStringToBytes(span.parent_id));
  to.set_trace_state(span.tracestate);
  to.set_flags(span.context.sampled ? 1 : 0);
  to.set_name(span.name);
  to.set_kind(KindOf(span.kind));
  to.set_start_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(span.began)));
  to.set_end_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(span.ended)));
  for (const auto& [key, value] : span.attributes) Add(*to.mutable_attributes(), key, value);
  if (span.failure.empty()) return;
  to.mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
  to.mutable_status()->set_message(span.failure);
}

class OtlpExporter final : public Exporter {
 public:
  explicit OtlpExporter(OtlpOptions options) : options_(std::move(options)) {
    if (options_.ca_file.empty()) stub_.emplace(OpenChannel(grpc::InsecureChannelCredentials()));
  }

  absl::Status Export(const std::vector<Span>& spans) override {
    if (absl::Status status = ConnectIfChanged(); !status.ok()) return status;
    Request request;
    std::map<std::string, otlp::trace::v1::ScopeSpans*> of_service;
    for (const Span& span : spans) {
      otlp::trace::v1::ScopeSpans*& scope = of_service[span.service];
      if (scope == nullptr) scope = AddService(request, span.service);
      Fill(*scope->add_spans(), span);
    }
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
    Response response;
    grpc::Status status = Call(context, request, response);
    if (!status.ok()) {
      return {static_cast<absl::StatusCode>(status.error_code()),
              absl::StrCat(options_.endpoint, ": ", status.error_message())};
    }
    // Part of the spans: sending the rest again would not help.
    if (const auto rejected = response.partial_success().rejected_spans(); rejected > 0) {
      return absl::InvalidArgumentError(absl::StrCat(options_.endpoint, " rejects ", rejected,
                                                     " of them: ", response.partial_success().error_message()));
    }
    return absl::OkStatus();
  }

 private:
  // A connection whose authority was removed from the file is not used any more.
  absl::Status ConnectIfChanged() {
    if (options_.ca_file.empty()) return absl::OkStatus();
    if (authorities_ == nullptr) {
      auto followed = crypto::FollowAuthorities(options_.ca_file);
      if (!followed.ok()) return followed.status();
      authorities_ = *std::move(followed);
    }
    if (std::shared_ptr<const std::string> now = authorities_->Get(); now != trusted_) {
      trusted_ = std::move(now);
      stub_.emplace(OpenChannel(grpc::SslCredentials({*trusted_, "", ""})));
    }
    return absl::OkStatus();
  }
  std::shared_ptr<grpc::Channel> OpenChannel(const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    grpc::ChannelArguments arguments;
    // Not the connection of the channel before.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(options_.endpoint, credentials, arguments);
  }

  otlp::trace::v1::ScopeSpans* AddService(Request& request, const std::string& service) const {
    auto& resource = *request.add_resource_spans();
    auto& attributes = *resource.mutable_resource()->mutable_attributes();
    Add(attributes, "service.name", "throughline-" + service);
    Add(attributes, "service.namespace", "throughline");
    for (const auto& [key, value] : options_.resource) Add(attributes, key, value);
    auto* scope = resource.add_scope_spans();
    scope->mutable_scope()->set_name("throughline");
    return scope;
  }

  grpc::Status Call(grpc::ClientContext& context, const Request& request, Response& response) {
    // On the exporter's own thread, which has nothing else to do.
    absl::Mutex mutex;
    bool done = false;
    grpc::Status outcome;
    stub_->UnaryCall(&context, kExport, {}, &request, &response, [&](const grpc::Status& status) {
      absl::MutexLock lock(&mutex);
      outcome = status;
      done = true;
    });
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&done));
    return outcome;
  }

  const OtlpOptions options_;
  std::shared_ptr<const crypto::Authorities> authorities_;  // null: no TLS, or not read yet
  std::shared_ptr<const std::string> trusted_;              // of them, by `stub_`
  std::optional<grpc::TemplatedGenericStub<Request, Response>> stub_;
};

}  // namespace

std::unique_ptr<Exporter> NewOtlpExporter(OtlpOptions options) {
  return std::make_unique<OtlpExporter>(std::move(options));
}

}  // namespace throughline::tracing
