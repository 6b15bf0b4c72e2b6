#include "services/intake/projections/case_view.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/fold/last_change.h"
#include "services/intake/domain/matter.h"
#include "services/intake/projections/standing.h"
#include "services/ownership/people/people.h"

namespace throughline::intake {

v1::LinkedNotice LinkedNoticeOf(const store::KeyValue& reader, const std::string& notice_id,
                                const std::vector<std::string>& components, absl::Time now) {
  v1::LinkedNotice notice;
  if (!components.empty()) notice.set_component_id(components.front());
  // The link may be folded before the notice: they are in different topics.
  if (auto row = kNotices.Get(reader, notice_id)) {
    const auto both = absl::c_find_if(
        components, [&](const std::string& one) { return absl::c_linear_search(row->component_ids(), one); });
    const std::string component = both == components.end() ? notice.component_id() : *both;
    notice = std::move(*row->mutable_notice());
    notice.set_component_id(component);
  }
  notice.set_notice_id(notice_id);
  if (notice.has_next_update_due() && runtime::FromProto(notice.next_update_due()) < now) notice.set_overdue(true);
  return notice;
}

std::optional<v1::CaseView> FindCaseView(const store::KeyValue& reader, const std::string& case_id, absl::Time now) {
  auto row = kCases.Get(reader, case_id);
  if (!row) return std::nullopt;
  const Standing standing = StandingOf(*row, kStandings.Get(reader, case_id));
  v1::CaseView view = std::move(*row->mutable_view());
  view.set_owner(standing.owner);
  // Not the last resort, who may be no supervisor.
  if (auto above = ownership::Above(reader, standing.owner, now, "")) view.set_supervisor(*std::move(above));
  view.set_status(standing.status);
  if (!standing.merged_into.empty()) view.set_merged_into_case_id(standing.merged_into);
  for (const std::string& notice : row->notice_ids()) {
    *view.add_notices() = LinkedNoticeOf(reader, notice, standing.components, now);
    view.mutable_notices()->rbegin()->set_by_words(absl::c_linear_search(row->notice_ids_by_words(), notice));
  }
  for (std::string& unknown : UnknownOf(reader, standing.components)) {
    view.add_unknown_component_ids(std::move(unknown));
  }
  return view;
}

std::vector<std::string> UnknownOf(const store::KeyValue& reader, const std::vector<std::string>& components) {
  std::vector<std::string> unknown;
  for (const std::string& component : components) {
    if (!kComponents.Has(reader, component)) unknown.push_back(component);
  }
  return unknown;
}

bool CaseChangedSince(const store::KeyValue& reader, const std::string& case_id, const runtime::Seen& seen) {
  const auto changed = [&seen](const auto& row) { return row && runtime::ChangedSince(row->last_change(), seen); };
  const auto row = kCases.Get(reader, case_id);
  if (changed(row) || changed(kStandings.Get(reader, case_id))) return true;
  if (!row) return false;
  return absl::c_any_of(row->notice_ids(), [&](const auto& id) { return changed(kNotices.Get(reader, id)); }) ||
         absl::c_any_of(ComponentsOf(row->view()),
                        [&](const auto& id) { return changed(kComponents.Get(reader, id)); });
}

}  // namespace throughline::intake
