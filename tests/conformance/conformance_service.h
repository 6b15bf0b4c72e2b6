#pragma once

// The service of Connect's conformance suite, over gRPC: echoes what reached it, and answers as a request says.

#include <memory>

namespace grpc {
class Service;
}

namespace throughline::conformance {

// Any thread.
std::unique_ptr<grpc::Service> MakeConformanceService();

}  // namespace throughline::conformance
