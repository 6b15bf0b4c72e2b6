#include "services/edge/notices/status.h"

#include <algorithm>
#include <functional>
#include <set>

namespace throughline::edge::notices {
namespace {

using outage::v1::NoticeView;

bool HitsOnlySome(const NoticeView& notice) {
  const outage::v1::NoticeScope& scope = notice.scope();
  return !scope.regions().empty() || !scope.channels().empty() || !scope.products().empty() ||
         !scope.customer_groups().empty();
}

ComponentStatus StatusBy(const NoticeView& notice) {
  if (notice.kind() == outage::v1::NOTICE_KIND_MAINTENANCE) return ComponentStatus::kUnderMaintenance;
  // It is repaired, and watched.
  if (notice.kind() == outage::v1::NOTICE_KIND_DEGRADATION || notice.stage() == outage::v1::NOTICE_STAGE_MONITORING) {
    return ComponentStatus::kDegradedPerformance;
  }
  const bool for_all =
      notice.impact() == outage::v1::NOTICE_IMPACT_CRITICAL || notice.impact() == outage::v1::NOTICE_IMPACT_UNSPECIFIED;
  return for_all && !HitsOnlySome(notice) ? ComponentStatus::kMajorOutage : ComponentStatus::kPartialOutage;
}

Indicator IndicatorOf(ComponentStatus status) {
  switch (status) {
    case ComponentStatus::kOperational:
      return Indicator::kNone;
    case ComponentStatus::kUnderMaintenance:
      return Indicator::kMaintenance;
    case ComponentStatus::kDegradedPerformance:
      return Indicator::kMinor;
    case ComponentStatus::kPartialOutage:
    case ComponentStatus::kMajorOutage:
      return Indicator::kMajor;
  }
  return Indicator::kNone;
}

Indicator IndicatorOf(const NoticeView& notice) {
  if (!HitsNow(notice) || notice.kind() == outage::v1::NOTICE_KIND_MAINTENANCE) return Indicator::kNone;
  switch (notice.impact()) {
    case outage::v1::NOTICE_IMPACT_CRITICAL:
      return Indicator::kCritical;
    case outage::v1::NOTICE_IMPACT_MAJOR:
      return Indicator::kMajor;
    case outage::v1::NOTICE_IMPACT_MINOR:
      return Indicator::kMinor;
    default:
      return Indicator::kNone;
  }
}

}  // namespace

bool IsToCome(const NoticeView& notice) {
  return notice.stage() == outage::v1::NOTICE_STAGE_SCHEDULED || notice.stage() == outage::v1::NOTICE_STAGE_ANNOUNCED;
}

bool HitsNow(const NoticeView& notice) {
  return notice.status() == outage::v1::NOTICE_STATUS_ACTIVE && notice.kind() != outage::v1::NOTICE_KIND_CHANGE &&
         !IsToCome(notice);
}

std::map<std::string, ComponentStatus> StatusOfComponents(const outage::v1::GetStatusPageResponse& page) {
  std::map<std::string, ComponentStatus> own;
  for (const auto& component : page.components()) own[component.component_id()] = ComponentStatus::kOperational;
  for (const NoticeView& notice : page.active()) {
    if (!HitsNow(notice)) continue;
    for (const std::string& id : notice.component_ids()) own[id] = std::max(own[id], StatusBy(notice));
  }
  std::map<std::string, const outage::v1::ComponentView*> known;
  for (const auto& component : page.components()) known[component.component_id()] = &component;
  std::map<std::string, ComponentStatus> all = own;
  for (auto& [id, status] : all) {
    if (status != ComponentStatus::kOperational) continue;
    // Two definitions at once could make a circle.
    std::set<std::string> seen{id};
    const std::function<bool(const std::string&)> suffers = [&](const std::string& of) {
      const auto found = known.find(of);
      if (found == known.end()) return false;
      return std::any_of(found->second->depends_on_component_ids().begin(),
                         found->second->depends_on_component_ids().end(), [&](const std::string& needed) {
                           if (!seen.insert(needed).second) return false;
                           const auto there = own.find(needed);
                           return (there != own.end() && there->second != ComponentStatus::kOperational) ||
                                  suffers(needed);
                         });
    };
    if (suffers(id)) status = ComponentStatus::kDegradedPerformance;
  }
  return all;
}

Indicator StatusOfAll(const outage::v1::GetStatusPageResponse& page,
                      const std::map<std::string, ComponentStatus>& components) {
  Indicator worst = Indicator::kNone;
  bool all_down = !components.empty();
  for (const auto& [id, status] : components) {
    worst = std::max(worst, IndicatorOf(status));
    all_down = all_down && status == ComponentStatus::kMajorOutage;
  }
  for (const NoticeView& notice : page.active()) worst = std::max(worst, IndicatorOf(notice));
  return all_down ? Indicator::kCritical : worst;
}

}  // namespace throughline::edge::notices
