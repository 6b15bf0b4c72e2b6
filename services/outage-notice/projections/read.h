#pragma once

// The reads of the API. Any thread.

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/fold/seen.h"
#include "libs/store/key_value.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/queries.pb.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::outage {

// The component, its active notices, those of the components that it depends on, and whether it works now. NOT_FOUND
// COMPONENT_UNKNOWN.
absl::StatusOr<v1::CheckComponentResponse> CheckComponent(const store::KeyValue& reader,
                                                          const v1::CheckComponentRequest& request, absl::Time now);
// INVALID_ARGUMENT for a page token of another query.
absl::StatusOr<v1::ListNoticesResponse> ListNotices(const store::KeyValue& reader,
                                                    const v1::ListNoticesRequest& request);

// `lasting_key`: the id of the key that secrets follow from which were shown before ids were recorded. INVALID_ARGUMENT
// for a page token of another query.
absl::StatusOr<v1::ListSubscribersResponse> ListSubscribers(const store::KeyValue& reader,
                                                            const v1::ListSubscribersRequest& request,
                                                            const std::string& lasting_key = "");
absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(const store::KeyValue& reader,
                                                            const v1::ListDeadLettersRequest& request);

// INVALID_ARGUMENT for a page token of another query.
absl::StatusOr<v1::ListSuspicionsResponse> ListSuspicions(const store::KeyValue& reader,
                                                          const v1::ListSuspicionsRequest& request);

// The components that are not defined.
std::vector<std::string> UnknownOf(const store::KeyValue& reader,
                                   const google::protobuf::RepeatedPtrField<std::string>& component_ids);

// The component on which this one would depend and that depends on it already, directly or through others; empty: none.
std::string CircleOf(const store::KeyValue& reader, const v1::DefineComponentRequest& request);

// The ids of the notices, active or not, that commits after `seen` have changed.
std::set<std::string> NoticesChangedSince(const store::KeyValue& reader, const runtime::Seen& seen);

// The active notices about any of the components, each once. Newest first within each component. All if none is given.
std::vector<v1::NoticeView> ActiveNotices(const store::KeyValue& reader, const std::vector<std::string>& component_ids);

}  // namespace throughline::outage
