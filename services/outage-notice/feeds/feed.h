#pragma once

// What customers were told last as a feed: one entry for each thing that they were told, which never changes.
//
// Any thread.

#include <string>

#include "absl/status/statusor.h"

#include "libs/store/key_value.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::outage {

// `site`: where the links lead; empty: there are none. NOT_FOUND COMPONENT_UNKNOWN.
absl::StatusOr<v1::GetNoticeFeedResponse> NoticeFeed(const store::KeyValue& reader,
                                                     const v1::GetNoticeFeedRequest& request, const std::string& site);

// For text and attributes of XML 1.0; characters that it cannot hold are left out.
std::string EscapeXml(const std::string& text);

}  // namespace throughline::outage
