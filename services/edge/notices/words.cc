#include "services/edge/notices/words.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace throughline::edge::notices {

using namespace outage::v1;  // NOLINT: the enumerators

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

std::string ForPeople(absl::Time time) {
  const std::string text = absl::FormatTime("%e %B %Y, %H:%M UTC", time, absl::UTCTimeZone());
  return std::string(absl::StripPrefix(text, " "));
}

std::string ForPrograms(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()); }

std::string ForPeople(absl::Duration time) {
  const int64_t minutes = absl::ToInt64Minutes(time);
  const auto counted = [](int64_t count, const char* what) {
    return count == 0 ? std::string() : absl::StrCat(count, " ", what, count == 1 ? "" : "s");
  };
  const int64_t days = minutes / (24 * 60), hours = minutes / 60 % 24;
  std::string text = counted(days, "day");
  for (const std::string& part : {counted(hours, "hour"), days > 0 ? std::string() : counted(minutes % 60, "minute")}) {
    if (!part.empty()) absl::StrAppend(&text, text.empty() ? "" : " ", part);
  }
  return text.empty() ? "less than a minute" : text;
}

std::string_view KindForPeople(NoticeKind kind) {
  switch (kind) {
    case NOTICE_KIND_OUTAGE:
      return "Outage";
    case NOTICE_KIND_DEGRADATION:
      return "Degraded";
    case NOTICE_KIND_MAINTENANCE:
      return "Maintenance";
    case NOTICE_KIND_CHANGE:
      return "Change";
    default:
      return "Notice";
  }
}

std::string_view StageForPeople(NoticeStage stage) {
  switch (stage) {
    case NOTICE_STAGE_INVESTIGATING:
      return "Investigating";
    case NOTICE_STAGE_IDENTIFIED:
      return "Cause found";
    case NOTICE_STAGE_MONITORING:
      return "Repaired, being watched";
    case NOTICE_STAGE_RESOLVED:
    case NOTICE_STAGE_POSTMORTEM:
      return "Resolved";
    case NOTICE_STAGE_SCHEDULED:
      return "Planned";
    case NOTICE_STAGE_IN_PROGRESS:
      return "In progress";
    case NOTICE_STAGE_VERIFYING:
      return "Being checked";
    case NOTICE_STAGE_COMPLETED:
      return "Completed";
    case NOTICE_STAGE_ANNOUNCED:
      return "Announced";
    case NOTICE_STAGE_IN_FORCE:
      return "In force";
    case NOTICE_STAGE_WITHDRAWN:
      return "Withdrawn";
    default:
      return "Known";
  }
}

std::string_view ImpactForPeople(NoticeImpact impact) {
  switch (impact) {
    case NOTICE_IMPACT_NONE:
      return "Nobody is kept from anything";
    case NOTICE_IMPACT_MINOR:
      return "An inconvenience: there is another way";
    case NOTICE_IMPACT_MAJOR:
      return "Many cannot do what they want to do";
    case NOTICE_IMPACT_CRITICAL:
      return "Nobody can do what they want to do";
    default:
      return "";
  }
}

std::string_view StatusForPeople(ComponentStatus status) {
  switch (status) {
    case ComponentStatus::kOperational:
      return "Works";
    case ComponentStatus::kUnderMaintenance:
      return "Under maintenance";
    case ComponentStatus::kDegradedPerformance:
      return "Works badly";
    case ComponentStatus::kPartialOutage:
      return "Does not work for some";
    case ComponentStatus::kMajorOutage:
      return "Does not work";
  }
  return "";
}

std::string_view AllForPeople(Indicator all) {
  switch (all) {
    case Indicator::kNone:
      return "Everything works";
    case Indicator::kMaintenance:
      return "We are doing planned work";
    case Indicator::kMinor:
      return "Something works badly";
    case Indicator::kMajor:
      return "Something does not work";
    case Indicator::kCritical:
      return "A serious outage";
  }
  return "";
}

std::string_view ToneOf(const NoticeView& notice) {
  if (notice.status() != NOTICE_STATUS_ACTIVE || notice.stage() == NOTICE_STAGE_MONITORING) return "good";
  if (notice.kind() == NOTICE_KIND_OUTAGE) return "bad";
  return notice.kind() == NOTICE_KIND_DEGRADATION ? "warn" : "info";
}

std::string_view ToneOf(ComponentStatus status) {
  switch (status) {
    case ComponentStatus::kOperational:
      return "good";
    case ComponentStatus::kUnderMaintenance:
      return "info";
    case ComponentStatus::kDegradedPerformance:
      return "warn";
    default:
      return "bad";
  }
}

std::string_view ToneOf(Indicator all) {
  switch (all) {
    case Indicator::kNone:
      return "good";
    case Indicator::kMaintenance:
      return "info";
    case Indicator::kMinor:
      return "warn";
    default:
      return "bad";
  }
}

std::string_view ForStatuspage(ComponentStatus status) {
  switch (status) {
    case ComponentStatus::kOperational:
      return "operational";
    case ComponentStatus::kUnderMaintenance:
      return "under_maintenance";
    case ComponentStatus::kDegradedPerformance:
      return "degraded_performance";
    case ComponentStatus::kPartialOutage:
      return "partial_outage";
    case ComponentStatus::kMajorOutage:
      return "major_outage";
  }
  return "";
}

std::string_view ForStatuspage(Indicator all) {
  switch (all) {
    case Indicator::kNone:
      return "none";
    case Indicator::kMaintenance:
      return "maintenance";
    case Indicator::kMinor:
      return "minor";
    case Indicator::kMajor:
      return "major";
    case Indicator::kCritical:
      return "critical";
  }
  return "";
}

std::string_view DescriptionForStatuspage(Indicator all) {
  switch (all) {
    case Indicator::kNone:
      return "All Systems Operational";
    case Indicator::kMaintenance:
      return "Service Under Maintenance";
    case Indicator::kMinor:
      return "Partially Degraded Service";
    case Indicator::kMajor:
      return "Partial System Outage";
    case Indicator::kCritical:
      return "Major Service Outage";
  }
  return "";
}

std::string_view StageForStatuspage(NoticeKind kind, NoticeStage stage) {
  const bool maintenance = kind == NOTICE_KIND_MAINTENANCE;
  switch (stage) {
    case NOTICE_STAGE_IDENTIFIED:
      return "identified";
    case NOTICE_STAGE_MONITORING:
      return "monitoring";
    case NOTICE_STAGE_RESOLVED:
    case NOTICE_STAGE_COMPLETED:
    case NOTICE_STAGE_WITHDRAWN:
      return maintenance ? "completed" : "resolved";
    case NOTICE_STAGE_POSTMORTEM:
      return maintenance ? "completed" : "postmortem";
    case NOTICE_STAGE_IN_PROGRESS:
      return "in_progress";
    case NOTICE_STAGE_VERIFYING:
      return "verifying";
    default:
      return maintenance ? "scheduled" : "investigating";
  }
}

std::string_view ImpactForStatuspage(const NoticeView& notice) {
  if (notice.kind() == NOTICE_KIND_MAINTENANCE) return "maintenance";
  switch (notice.impact()) {
    case NOTICE_IMPACT_NONE:
      return "none";
    case NOTICE_IMPACT_MINOR:
      return "minor";
    case NOTICE_IMPACT_MAJOR:
      return "major";
    case NOTICE_IMPACT_CRITICAL:
      return "critical";
    default:
      return notice.kind() == NOTICE_KIND_OUTAGE ? "major" : "minor";
  }
}

}  // namespace throughline::edge::notices
