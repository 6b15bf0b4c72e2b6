#pragma once

// What works, as the public is told: of each component, and of all together. In the words of Statuspage, which
// everybody's tools know.
//
// Pure; any thread.

#include <map>
#include <string>

#include "throughline/outage/v1/queries.pb.h"

namespace throughline::edge::notices {

// From good to bad.
enum class ComponentStatus { kOperational, kUnderMaintenance, kDegradedPerformance, kPartialOutage, kMajorOutage };
enum class Indicator { kNone, kMaintenance, kMinor, kMajor, kCritical };

// Whether the notice hits its components now: neither a change, nor something that is yet to come.
bool HitsNow(const outage::v1::NoticeView& notice);
// Whether it is announced, and has not begun.
bool IsToCome(const outage::v1::NoticeView& notice);

// Of every component, by id: the worst of what its notices say. One that works, but depends on one that does not,
// directly or through others, is degraded.
std::map<std::string, ComponentStatus> StatusOfComponents(const outage::v1::GetStatusPageResponse& page);

// The worst of the components and of the notices' impact. Critical: no component works, or a notice says so.
Indicator StatusOfAll(const outage::v1::GetStatusPageResponse& page,
                      const std::map<std::string, ComponentStatus>& components);

}  // namespace throughline::edge::notices
