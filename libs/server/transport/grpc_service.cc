#include "libs/server/transport/grpc_service.h"

#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/support/server_callback.h"

#include "libs/server/calls/served_call.h"

namespace throughline::server {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

GrpcService::GrpcService(CallGate& gate, const Api& api, prometheus::Registry& registry, const std::string& name) {
  for (const Api::Method& method : api.methods()) {
    ServedMethod& served = methods_.emplace_back(api, method, gate.options().requests, registry, name);
    const int index = method.descriptor->index();
    const bool unary = method.kind == Api::Kind::kUnary;
    AddMethod(
        new RpcServiceMethod(served.path.c_str(), unary ? RpcMethod::NORMAL_RPC : RpcMethod::BIDI_STREAMING, nullptr));
    if (unary) {
      MarkMethodRawCallback(
          index, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                     [&gate, &served](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
                       return StartUnaryCall(gate, served, *context, *request, *response);
                     }));
    } else {
      MarkMethodRawCallback(index, new grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
                                       [&gate, &served](CallbackServerContext* context) {
                                         return StartStreamCall(gate, served, *context);
                                       }));
    }
  }
}

}  // namespace throughline::server
