#pragma once

// How notices are put into words for people, and into the exact words of Statuspage's format. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

#include "services/edge/notices/status.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::edge::notices {

absl::Time TimeOf(const google::protobuf::Timestamp& time);
// `3 March 2026, 14:05 UTC`
std::string ForPeople(absl::Time time);
// `2026-03-03T14:05:00.000Z`, as Statuspage writes it.
std::string ForPrograms(absl::Time time);
// `2 hours 5 minutes`; less than a minute: `less than a minute`.
std::string ForPeople(absl::Duration time);

std::string_view KindForPeople(outage::v1::NoticeKind kind);
std::string_view StageForPeople(outage::v1::NoticeStage stage);
std::string_view ImpactForPeople(outage::v1::NoticeImpact impact);  // empty: it was not said
std::string_view StatusForPeople(ComponentStatus status);
// One sentence about all.
std::string_view AllForPeople(Indicator all);

// A class of the styles: good, warn, bad, info.
std::string_view ToneOf(const outage::v1::NoticeView& notice);
std::string_view ToneOf(ComponentStatus status);
std::string_view ToneOf(Indicator all);

std::string_view ForStatuspage(ComponentStatus status);
std::string_view ForStatuspage(Indicator all);
std::string_view DescriptionForStatuspage(Indicator all);
// Of an incident, or of scheduled maintenance. One that was withdrawn counts as resolved or completed.
std::string_view StageForStatuspage(outage::v1::NoticeKind kind, outage::v1::NoticeStage stage);
std::string_view ImpactForStatuspage(const outage::v1::NoticeView& notice);

}  // namespace throughline::edge::notices
