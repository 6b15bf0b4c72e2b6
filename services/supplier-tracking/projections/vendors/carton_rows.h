#pragma once

// The cartons of orders: in their views, and by SSCC. Functions of their arguments; any thread.

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "libs/store/batch.h"
#include "libs/store/key_value.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// Sets the cartons of each shipment: of several with one number the latest has them.
void CopyCartons(const v1::OrderState& state, v1::OrderView& view);
// `at`: when it was recorded. When the vendor says that it was may be years ago.
void IndexCartons(const v1::VendorDispatched& reported, const std::string& order_id, absl::Time at,
                  store::Batch& batch);

// The SSCCs of the dispatch that another order than this one had within kSsccLasts before `now`, as far as is known
// here: two that are recorded at the same moment do not see each other.
std::vector<std::string> SsccsInUse(const store::KeyValue& reader, const std::string& order_id,
                                    const v1::DispatchedUpdate& dispatched, absl::Time now);

}  // namespace throughline::supplier
