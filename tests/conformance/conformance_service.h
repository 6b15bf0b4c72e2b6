#pragma once

// The service of Connect's conformance suite, over gRPC: echoes what reached it, and answers as a request says.

#include <memory>

#include "grpcpp/impl/service_type.h"

namespace throughline::conformance {

// Any thread.
std::unique_ptr<grpc::Service> MakeConformanceService();

}  // namespace throughline::conformance
