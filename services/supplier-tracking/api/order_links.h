#pragma once

// CreateOrderLink, RevokeOrderLink, GetOrderPage: the links with which customers open the page of their order.

#include <string>

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::supplier {

// `streams` must outlive `api`. `customer_contact`: how customers reach us about an order, as they read it.
void ServeOrderLinks(server::Api& api, runtime::Streams& streams, const std::string& customer_contact);

}  // namespace throughline::supplier
