#pragma once

// Reads of lanes. Any thread.

#include <string>

#include "absl/status/statusor.h"

#include "libs/store/key_value.h"
#include "throughline/supplier/v1/history_rows.pb.h"
#include "throughline/supplier/v1/lane.pb.h"

namespace throughline::supplier {

v1::Lane LaneOf(const std::string& carrier, const std::string& origin, const std::string& destination,
                const v1::LaneRow& row);

// One page. INVALID_ARGUMENT for a page token of another query.
absl::StatusOr<v1::ListLanesResponse> ListLanes(const store::KeyValue& reader, const v1::ListLanesRequest& request);

}  // namespace throughline::supplier
