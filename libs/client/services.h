#pragma once

// The services of Throughline by their schema. No two RPCs share a request, so a request alone says which RPC it is
// for.
//
// Pure functions; safe from any thread.

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace throughline::client {

// intake, ownership, outage-notice, supplier-tracking: in the order in which a customer meets them.
std::vector<const google::protobuf::ServiceDescriptor*> AllServices();

// As they are named in addresses: `intake`, ... in the same order.
std::vector<std::string> ServiceNames();

// Null: no RPC takes it.
const google::protobuf::MethodDescriptor* MethodFor(const google::protobuf::Descriptor& request);

// As it stands on the wire: `/throughline.intake.v1.IntakeService/OpenCase`.
std::string PathOf(const google::protobuf::MethodDescriptor& method);

}  // namespace throughline::client
