#include "tests/conformance/conformance_service.h"

#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include "grpcpp/grpcpp.h"

#include "connectrpc/conformance/v1/service.grpc.pb.h"
#include "google/rpc/status.pb.h"

namespace throughline::conformance {
namespace {

namespace v1 = connectrpc::conformance::v1;
using RequestInfo = v1::ConformancePayload::RequestInfo;
using Headers = google::protobuf::RepeatedPtrField<v1::Header>;

RequestInfo InfoOf(const grpc::ServerContext& context, const google::protobuf::Message& request) {
  RequestInfo info;
  std::map<std::string, v1::Header*> headers;
  for (const auto& [key, value] : context.client_metadata()) {
    const std::string name(key.data(), key.size());
    v1::Header*& header = headers[name];
    if (header == nullptr) header = info.add_request_headers();
    header->set_name(name);
    header->add_value(std::string(value.data(), value.size()));
  }
  if (const auto left = context.deadline() - std::chrono::system_clock::now(); left < std::chrono::hours(1000)) {
    info.set_timeout_ms(std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
  }
  info.add_requests()->PackFrom(request);
  return info;
}

void AddMetadata(grpc::ServerContext& context, const Headers& headers, const Headers& trailers) {
  for (const v1::Header& header : headers) {
    for (const std::string& value : header.value()) context.AddInitialMetadata(header.name(), value);
  }
  for (const v1::Header& trailer : trailers) {
    for (const std::string& value : trailer.value()) context.AddTrailingMetadata(trailer.name(), value);
  }
}

// `info`: added to the details; null: none.
grpc::Status Fail(const v1::Error& error, const RequestInfo* info) {
  google::rpc::Status status;
  status.set_code(error.code());
  status.set_message(error.message());
  *status.mutable_details() = error.details();
  if (info != nullptr) status.add_details()->PackFrom(*info);
  return {static_cast<grpc::StatusCode>(error.code()), error.message(), status.SerializeAsString()};
}

void Wait(uint32_t milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

template <class Request, class Response>
grpc::Status AnswerUnary(grpc::ServerContext& context, const Request& request, Response& response) {
  const RequestInfo info = InfoOf(context, request);
  const v1::UnaryResponseDefinition& wanted = request.response_definition();
  AddMetadata(context, wanted.response_headers(), wanted.response_trailers());
  Wait(wanted.response_delay_ms());
  if (wanted.has_error()) return Fail(wanted.error(), &info);
  response.mutable_payload()->set_data(wanted.response_data());
  *response.mutable_payload()->mutable_request_info() = info;
  return grpc::Status::OK;
}

class ConformanceService final : public v1::ConformanceService::Service {
  grpc::Status Unary(grpc::ServerContext* context, const v1::UnaryRequest* request,
                     v1::UnaryResponse* response) override {
    return AnswerUnary(*context, *request, *response);
  }
  grpc::Status IdempotentUnary(grpc::ServerContext* context, const v1::IdempotentUnaryRequest* request,
                               v1::IdempotentUnaryResponse* response) override {
    return AnswerUnary(*context, *request, *response);
  }
  grpc::Status ServerStream(grpc::ServerContext* context, const v1::ServerStreamRequest* request,
                            grpc::ServerWriter<v1::ServerStreamResponse>* writer) override {
    const RequestInfo info = InfoOf(*context, *request);
    const v1::StreamResponseDefinition& wanted = request->response_definition();
    AddMetadata(*context, wanted.response_headers(), wanted.response_trailers());
    if (!wanted.response_data().empty()) writer->SendInitialMetadata();
    bool first = true;
    for (const std::string& data : wanted.response_data()) {
      v1::ServerStreamResponse response;
      response.mutable_payload()->set_data(data);
      if (first) *response.mutable_payload()->mutable_request_info() = info;
      first = false;
      Wait(wanted.response_delay_ms());
      if (!writer->Write(response)) return grpc::Status::CANCELLED;
    }
    return wanted.has_error() ? Fail(wanted.error(), first ? &info : nullptr) : grpc::Status::OK;
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeConformanceService() { return std::make_unique<ConformanceService>(); }

}  // namespace throughline::conformance
