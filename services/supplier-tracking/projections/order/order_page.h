#pragma once

// An order as its customer reads it on its page: field by field, so that a new field stays with us until it is added
// here.
//
// Pure but for the rows; any thread.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/store/key_value.h"
#include "throughline/supplier/v1/order_page.pb.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

// The order's link with this secret. NOT_FOUND LINK_UNKNOWN: there is none, or it was revoked. FAILED_PRECONDITION
// LINK_EXPIRED, which only somebody with the secret gets to know.
absl::StatusOr<v1::OrderLink> FindLink(const v1::OrderRow& order, std::string_view secret, absl::Time now);

// The same errors; an order that is not known is a LINK_UNKNOWN, too. `contact`: how customers reach us.
absl::StatusOr<v1::GetOrderPageResponse> GetOrderPage(const store::KeyValue& reader,
                                                      const v1::GetOrderPageRequest& request,
                                                      const std::string& contact, absl::Time now);

}  // namespace throughline::supplier
