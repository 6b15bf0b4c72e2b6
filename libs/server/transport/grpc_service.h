#pragma once

// An Api as a gRPC service with raw bytes in and out. Raw, because gRPC's generated code answers a message that it
// cannot parse with a bare UNIMPLEMENTED, and the client needs an explanation. Reflection finds the service by name.
// Internal to this library; includes gRPC.

#include <deque>
#include <string>

#include "grpcpp/impl/service_type.h"

#include "libs/server/calls/call_gate.h"

namespace throughline::server {

// `gate`, `api` and `registry` must outlive it.
class GrpcService final : public grpc::Service {
 public:
  // `name`: of the service in log lines and traces.
  GrpcService(CallGate& gate, const Api& api, prometheus::Registry& registry, const std::string& name);

 private:
  std::deque<ServedMethod> methods_;  // stays in place: gRPC keeps pointers to the paths
};

}  // namespace throughline::server
