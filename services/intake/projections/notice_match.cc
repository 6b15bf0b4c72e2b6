#include "services/intake/projections/notice_match.h"

#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/intake/domain/matter.h"
#include "services/intake/projections/tables.h"
#include "services/outage-notice/matching/match.h"

namespace throughline::intake {
namespace {

// Of one component, or, if it is empty, of all.
std::set<std::string> ActiveNotices(const store::KeyValue& reader, const std::string& component) {
  std::set<std::string> ids;
  const auto take = [&](std::string_view, const auto& key, const std::string&) {
    ids.insert(std::get<1>(key));
    return true;
  };
  component.empty() ? kActiveNotices.Scan(reader, "", take) : kActiveNotices.Scan(reader, "", take, component);
  return ids;
}

bool NamedIn(const outage::Words& words, const google::protobuf::RepeatedPtrField<std::string>& keywords) {
  return absl::c_any_of(keywords, [&](const std::string& keyword) { return outage::Names(words, keyword); });
}

bool NamedIn(const store::KeyValue& reader, const outage::Words& words, const v1::NoticeRow& notice) {
  if (NamedIn(words, notice.keywords())) return true;
  return absl::c_any_of(notice.component_ids(), [&](const std::string& id) {
    const auto component = kComponents.Get(reader, id);
    return component && NamedIn(words, component->keywords());
  });
}

}  // namespace

bool MayBeAbout(const v1::NoticeRow& notice, const std::string& region, absl::Time came) {
  if (!outage::HitsRegion(notice.scope(), region)) return false;
  if (notice.has_resolved_at() && came > runtime::FromProto(notice.resolved_at())) return false;
  const bool announced = notice.notice().kind() == outage::v1::NOTICE_KIND_MAINTENANCE ||
                         notice.notice().kind() == outage::v1::NOTICE_KIND_CHANGE;
  return !announced || runtime::FromProto(notice.since()) <= came;
}

NoticeMatches MatchNotices(const store::KeyValue& reader, const v1::OpenCaseRequest& request, absl::Time now) {
  NoticeMatches matches;
  const auto take = [&](const std::string& id, bool by_words) {
    matches.notice_ids.push_back(id);
    if (by_words) matches.notice_ids_by_words.push_back(id);
  };
  if (request.has_component_id()) {
    for (const std::string& id : ActiveNotices(reader, request.component_id())) {
      const auto notice = kNotices.Get(reader, id);
      if (notice && MayBeAbout(*notice, request.region(), now)) take(id, false);
    }
    return matches;
  }
  // Nobody opens a case about nothing: a proactive one has its own cause.
  if (request.channel() == v1::CHANNEL_PROACTIVE) return matches;
  const outage::Words words = outage::WordsOf(absl::StrCat(request.subject(), "\n", request.text()));
  for (const std::string& id : ActiveNotices(reader, "")) {
    const auto notice = kNotices.Get(reader, id);
    if (notice && MayBeAbout(*notice, request.region(), now) && NamedIn(reader, words, *notice)) take(id, true);
  }
  return matches;
}

}  // namespace throughline::intake
