#pragma once

// Times, states and names as the page of an order says them. Pure; any thread.

#include <string>

#include "absl/time/time.h"

#include "throughline/supplier/v1/order_page.pb.h"

namespace throughline::edge::orders {

// The zone with this name; UTC if there is none.
absl::TimeZone ZoneOf(const std::string& name);

// "Monday 30 November 2026, 14:05"; the zone is named once on the page.
std::string TimeText(absl::Time time, absl::TimeZone zone);
std::string DayText(absl::Time time, absl::TimeZone zone);
// For programs: RFC 3339.
std::string TimeStamp(absl::Time time);
// "by Monday 30 November 2026, 14:05"; a date stays a date.
std::string EtaText(const supplier::v1::Eta& eta, absl::TimeZone zone);

std::string StatusText(supplier::v1::LineStatus status);
std::string StateText(supplier::v1::TrackingState state);
// `ups` is UPS, `canada-post` is Canada Post.
std::string CarrierText(const std::string& id);

}  // namespace throughline::edge::orders
