#include "services/edge/notices/statuspage.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "services/edge/notices/article.h"
#include "services/edge/notices/words.h"

namespace throughline::edge::notices {
namespace {

using json = nlohmann::ordered_json;
using outage::v1::NoticeView;

constexpr char kPageId[] = "throughline";
constexpr size_t kMost = 50;  // as Statuspage has it

std::string Text(std::string_view text) { return std::string(text); }
json TimeOrNull(bool has, const google::protobuf::Timestamp& time) {
  return has ? json(ForPrograms(TimeOf(time))) : json(nullptr);
}
json TextOrNull(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json PageOf(const Site& site) {
  const Known& known = site.known();
  return {{"id", kPageId},
          {"name", site.options().title},
          {"url", site.options().url},
          {"time_zone", "Etc/UTC"},
          {"updated_at", ForPrograms(known.LastChange())},
          {"as_of", known.stale_since.has_value() ? json(ForPrograms(*known.stale_since)) : json(nullptr)},
          {"stale", known.stale_since.has_value()}};
}

json StatusOf(const Site& site) {
  return {{"indicator", Text(ForStatuspage(site.all()))}, {"description", Text(DescriptionForStatuspage(site.all()))}};
}

std::string GroupId(const std::string& group) { return absl::StrCat("group:", group); }

json ComponentOf(const Site& site, const outage::v1::ComponentView& component, size_t position) {
  const std::string& id = component.component_id();
  absl::Time changed = absl::UnixEpoch();
  for (const auto* list : {&site.known().page.active(), &site.known().page.over()}) {
    for (const NoticeView& notice : *list) {
      const auto& ids = notice.component_ids();
      if (std::find(ids.begin(), ids.end(), id) != ids.end()) changed = std::max(changed, LastChangeOf(notice));
    }
  }
  return {{"id", id},
          {"name", component.name()},
          {"status", Text(ForStatuspage(site.components().at(id)))},
          {"created_at", ForPrograms(absl::UnixEpoch())},
          {"updated_at", ForPrograms(changed)},
          {"position", position},
          {"description", TextOrNull(component.description())},
          {"showcase", false},
          {"start_date", nullptr},
          {"group_id", component.group().empty() ? json(nullptr) : json(GroupId(component.group()))},
          {"page_id", kPageId},
          {"group", false},
          {"only_show_if_degraded", false}};
}

// The groups, each before its components. A group is as its worst component.
json ComponentsOf(const Site& site) {
  json list = json::array();
  std::map<std::string, std::vector<const outage::v1::ComponentView*>> groups;
  for (const auto& component : site.known().page.components()) groups[component.group()].push_back(&component);
  size_t group_position = 0;
  for (const auto& [name, members] : groups) {
    if (!name.empty()) {
      ComponentStatus worst = ComponentStatus::kOperational;
      json ids = json::array();
      for (const auto* member : members) {
        worst = std::max(worst, site.components().at(member->component_id()));
        ids.push_back(member->component_id());
      }
      list.push_back({{"id", GroupId(name)},
                      {"name", name},
                      {"status", Text(ForStatuspage(worst))},
                      {"created_at", ForPrograms(absl::UnixEpoch())},
                      {"updated_at", ForPrograms(absl::UnixEpoch())},
                      {"position", ++group_position},
                      {"description", nullptr},
                      {"showcase", false},
                      {"start_date", nullptr},
                      {"group_id", nullptr},
                      {"page_id", kPageId},
                      {"group", true},
                      {"only_show_if_degraded", false},
                      {"components", std::move(ids)}});
    }
    size_t position = 0;
    for (const auto* member : members) list.push_back(ComponentOf(site, *member, ++position));
  }
  return list;
}

// Newest first, as Statuspage has it.
json UpdatesOf(const NoticeView& notice) {
  json updates = json::array();
  const auto add = [&](absl::Time at, const std::string& body, outage::v1::NoticeStage stage) {
    const std::string time = ForPrograms(at);
    updates.push_back({{"id", absl::StrCat(notice.notice_id(), "-", absl::ToUnixMillis(at))},
                       {"status", Text(StageForStatuspage(notice.kind(), stage))},
                       {"body", body},
                       {"incident_id", notice.notice_id()},
                       {"created_at", time},
                       {"updated_at", time},
                       {"display_at", time},
                       {"affected_components", nullptr},
                       {"deliver_notifications", true},
                       {"custom_tweet", nullptr},
                       {"tweet_id", nullptr}});
  };
  if (notice.has_postmortem()) {
    add(TimeOf(notice.postmortem().at()), notice.postmortem().text(), outage::v1::NOTICE_STAGE_POSTMORTEM);
  }
  for (auto update = notice.updates().rbegin(); update != notice.updates().rend(); ++update) {
    add(TimeOf(update->at()), update->text(), update->stage());
  }
  add(TimeOf(notice.published_at()), notice.description(), notice.published_stage());
  return updates;
}

json MonitoringAt(const NoticeView& notice) {
  for (const auto& update : notice.updates()) {
    if (update.stage() == outage::v1::NOTICE_STAGE_MONITORING) return ForPrograms(TimeOf(update.at()));
  }
  return nullptr;
}

json EndsOf(const NoticeView& notice) {
  json ends = json::array();
  for (const auto& said : notice.expected_ends()) {
    ends.push_back({{"said_at", ForPrograms(TimeOf(said.at()))},
                    {"expected_end", TimeOrNull(said.has_expected_end(), said.expected_end())}});
  }
  return ends;
}

json CorrectionsOf(const NoticeView& notice) {
  json corrections = json::array();
  for (const auto& correction : notice.corrections()) {
    json changes = json::array();
    for (const auto& change : correction.changes()) {
      changes.push_back({{"field", change.field()}, {"was", change.was()}, {"is", change.is()}});
    }
    corrections.push_back({{"corrected_at", ForPrograms(TimeOf(correction.at()))},
                           {"reason", correction.reason()},
                           {"changes", std::move(changes)}});
  }
  return corrections;
}

json NoticeOf(const Site& site, const NoticeView& notice) {
  json components = json::array();
  for (const auto& component : site.known().page.components()) {
    const auto& ids = notice.component_ids();
    if (std::find(ids.begin(), ids.end(), component.component_id()) != ids.end()) {
      components.push_back(ComponentOf(site, component, components.size() + 1));
    }
  }
  json all = {{"id", notice.notice_id()},
              {"name", notice.title()},
              {"status", Text(StageForStatuspage(notice.kind(), notice.stage()))},
              {"created_at", ForPrograms(TimeOf(notice.published_at()))},
              {"updated_at", ForPrograms(LastChangeOf(notice))},
              {"monitoring_at", MonitoringAt(notice)},
              {"resolved_at", TimeOrNull(notice.has_resolved_at(), notice.resolved_at())},
              {"impact", Text(ImpactForStatuspage(notice))},
              {"shortlink", absl::StrCat(site.options().url, PathOf(notice))},
              {"started_at", ForPrograms(TimeOf(notice.since()))},
              {"page_id", kPageId},
              {"incident_updates", UpdatesOf(notice)},
              {"components", std::move(components)}};
  if (notice.kind() == outage::v1::NOTICE_KIND_MAINTENANCE) {
    all["scheduled_for"] = ForPrograms(TimeOf(notice.since()));
    const auto& ends = notice.expected_ends();
    const bool known = !ends.empty() && ends.rbegin()->has_expected_end();
    // It must have one; at the end it is what had been planned last.
    all["scheduled_until"] = known                      ? ForPrograms(TimeOf(ends.rbegin()->expected_end()))
                             : notice.has_resolved_at() ? ForPrograms(TimeOf(notice.resolved_at()))
                                                        : ForPrograms(TimeOf(notice.since()));
  }
  all["kind"] = Text(KindForPeople(notice.kind()));
  all["withdrawn"] = notice.stage() == outage::v1::NOTICE_STAGE_WITHDRAWN;
  all["expected_end"] = TimeOrNull(notice.has_expected_end(), notice.expected_end());
  all["expected_ends"] = EndsOf(notice);
  all["next_update_due"] = TimeOrNull(notice.has_next_update_due(), notice.next_update_due());
  all["next_update_overdue"] = IsOverdue(notice, site.known().at);
  all["workaround"] = TextOrNull(notice.workaround());
  all["reason"] = TextOrNull(notice.reason());
  all["customer_options"] =
      std::vector<std::string>(notice.customer_options().begin(), notice.customer_options().end());
  all["valid_until"] = TimeOrNull(notice.has_valid_until(), notice.valid_until());
  all["cause"] = TextOrNull(notice.cause());
  all["changed"] = TextOrNull(notice.changed());
  all["corrections"] = CorrectionsOf(notice);
  return all;
}

using Wanted = std::function<bool(const NoticeView&)>;

json NoticesOf(const Site& site, size_t most, const Wanted& wanted) {
  json list = json::array();
  for (const auto* part : {&site.known().page.active(), &site.known().page.over()}) {
    for (const NoticeView& notice : *part) {
      if (list.size() < most && wanted(notice)) list.push_back(NoticeOf(site, notice));
    }
  }
  return list;
}

bool IsMaintenance(const NoticeView& notice) { return notice.kind() == outage::v1::NOTICE_KIND_MAINTENANCE; }
bool IsChange(const NoticeView& notice) { return notice.kind() == outage::v1::NOTICE_KIND_CHANGE; }
bool IsIncident(const NoticeView& notice) { return !IsMaintenance(notice) && !IsChange(notice); }
bool IsActive(const NoticeView& notice) { return notice.status() == outage::v1::NOTICE_STATUS_ACTIVE; }

}  // namespace

std::optional<std::string> Statuspage(const Site& site, std::string_view name) {
  const size_t all = site.known().page.active_size() + size_t{1};
  const auto notices = [&](size_t most, const Wanted& wanted) { return NoticesOf(site, most, wanted); };
  const Wanted open_incident = [](const NoticeView& notice) { return IsIncident(notice) && IsActive(notice); };
  const Wanted open_maintenance = [](const NoticeView& notice) { return IsMaintenance(notice) && IsActive(notice); };
  json answer = {{"page", PageOf(site)}};
  if (name == "summary.json") {
    answer["components"] = ComponentsOf(site);
    answer["incidents"] = notices(all, open_incident);
    answer["scheduled_maintenances"] = notices(all, open_maintenance);
    answer["changes"] = notices(all, [](const NoticeView& notice) { return IsChange(notice) && IsActive(notice); });
    answer["status"] = StatusOf(site);
  } else if (name == "status.json") {
    answer["status"] = StatusOf(site);
  } else if (name == "components.json") {
    answer["components"] = ComponentsOf(site);
  } else if (name == "incidents.json") {
    answer["incidents"] = notices(kMost, IsIncident);
  } else if (name == "incidents/unresolved.json") {
    answer["incidents"] = notices(all, open_incident);
  } else if (name == "scheduled-maintenances.json") {
    answer["scheduled_maintenances"] = notices(kMost, IsMaintenance);
  } else if (name == "scheduled-maintenances/active.json") {
    answer["scheduled_maintenances"] =
        notices(all, [&](const NoticeView& notice) { return open_maintenance(notice) && !IsToCome(notice); });
  } else if (name == "scheduled-maintenances/upcoming.json") {
    answer["scheduled_maintenances"] =
        notices(all, [&](const NoticeView& notice) { return open_maintenance(notice) && IsToCome(notice); });
  } else {
    return std::nullopt;
  }
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace throughline::edge::notices
