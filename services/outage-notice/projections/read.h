#pragma once

// What the API reads. Any thread.

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/fold/seen.h"
#include "libs/store/key_value.h"
#include "throughline/outage/v1/queries.pb.h"

namespace throughline::outage {

// Whether it works now, and what is said about it. NOT_FOUND COMPONENT_UNKNOWN.
absl::StatusOr<v1::CheckComponentResponse> CheckComponent(const store::KeyValue& reader,
                                                          const std::string& component_id, absl::Time now);
// INVALID_ARGUMENT for a page token of another question.
absl::StatusOr<v1::ListNoticesResponse> ListNotices(const store::KeyValue& reader,
                                                    const v1::ListNoticesRequest& request);

// Those of the components that are not defined.
std::vector<std::string> UnknownOf(const store::KeyValue& reader,
                                   const google::protobuf::RepeatedPtrField<std::string>& component_ids);

// The notices on which commits after `seen` bear, whether they are active or not.
std::set<std::string> NoticesChangedSince(const store::KeyValue& reader, const runtime::Seen& seen);

// Active notices that are about any of the components (none given: all), newest first.
std::vector<v1::NoticeView> ActiveNotices(const store::KeyValue& reader, const std::vector<std::string>& component_ids);

}  // namespace throughline::outage
