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

GrpcService::GrpcService(Shell& shell, const Api& api, prometheus::Registry& registry) {
  for (const Api::Method& method : api.methods()) {
    ServedMethod& served = methods_.emplace_back(api, method, shell.options().requests, registry);
    const int index = method.descriptor->index();
    const bool unary = method.kind == Api::Kind::kUnary;
    AddMethod(
        new RpcServiceMethod(served.path.c_str(), unary ? RpcMethod::NORMAL_RPC : RpcMethod::BIDI_STREAMING, nullptr));
    if (unary) {
      MarkMethodRawCallback(index, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                                       [&shell, &served](CallbackServerContext* context, const ByteBuffer* request,
                                                         ByteBuffer* response) {
                                         return StartUnaryCall(shell, served, *context, *request, *response);
                                       }));
    } else {
      MarkMethodRawCallback(index, new grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
                                       [&shell, &served](CallbackServerContext* context) {
                                         return StartStreamCall(shell, served, *context);
                                       }));
    }
  }
}

}  // namespace throughline::server
