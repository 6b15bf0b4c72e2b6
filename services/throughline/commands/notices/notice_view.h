#pragma once

// Notices and components, as `throughline notice` prints them. Any thread.

#include <string>

#include "absl/time/time.h"

#include "services/throughline/output/terminal.h"
#include "throughline/outage/v1/queries.pb.h"

namespace throughline::tool {

// By when customers hear more; empty: it is over.
std::string NextUpdateOf(const outage::v1::NoticeView& notice, absl::Time now);
// When it is expected to be over, or since when it is.
std::string ExpectedEnd(const outage::v1::NoticeView& notice, absl::Time now);
// How far it is, in a word.
std::string StageOf(const outage::v1::NoticeView& notice);

// A line for each.
std::string RenderNotices(const google::protobuf::RepeatedPtrField<outage::v1::NoticeView>& notices,
                          const Terminal& terminal, absl::Time now);
// One, whole.
std::string RenderNotice(const outage::v1::NoticeView& notice, const Terminal& terminal, absl::Time now);
// Whether a component works, and what to tell a customer, to be read out.
std::string RenderCheck(const outage::v1::CheckComponentResponse& check, const Terminal& terminal, absl::Time now);

// A line for each.
std::string RenderSuspicions(const google::protobuf::RepeatedPtrField<outage::v1::SuspicionView>& suspicions,
                             const Terminal& terminal, absl::Time now);

}  // namespace throughline::tool
