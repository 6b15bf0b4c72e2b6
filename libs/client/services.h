#pragma once

// The services of Throughline, by their descriptors. No two RPCs share a request type, so the type selects the RPC.
//
// Pure functions; safe from any thread.

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace throughline::client {

// intake, ownership, outage-notice, supplier-tracking, in this order everywhere.
std::vector<const google::protobuf::ServiceDescriptor*> AllServices();

// Their names in addresses (`intake`, ...), in the same order.
std::vector<std::string> ServiceNames();

// The reason (google.rpc.ErrorInfo) of a call to a service for which no address is given.
inline constexpr char kNoAddress[] = "NO_ADDRESS";

// Its name in addresses.
std::string ServiceName(const google::protobuf::ServiceDescriptor& service);

// The RPC with this request type; null: there is none.
const google::protobuf::MethodDescriptor* MethodFor(const google::protobuf::Descriptor& request);

// The path on the wire: `/throughline.intake.v1.IntakeService/OpenCase`.
std::string PathOf(const google::protobuf::MethodDescriptor& method);

}  // namespace throughline::client
