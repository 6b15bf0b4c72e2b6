#include "services/intake/projections/case_view.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/fold/last_change.h"
#include "services/intake/projections/standing.h"
#include "services/ownership/people/people.h"

namespace throughline::intake {

v1::LinkedNotice LinkedNoticeOf(const store::KeyValue& reader, const std::string& notice_id,
                                const std::string& component_id, absl::Time now) {
  v1::LinkedNotice notice;
  // The link may be folded before the notice: they are in different topics.
  if (auto row = kNotices.Get(reader, notice_id)) notice = std::move(*row->mutable_notice());
  notice.set_notice_id(notice_id);
  notice.set_component_id(component_id);
  if (notice.has_next_update_due() && runtime::FromProto(notice.next_update_due()) < now) notice.set_overdue(true);
  return notice;
}

std::optional<v1::CaseView> FindCaseView(const store::KeyValue& reader, const std::string& case_id, absl::Time now) {
  auto row = kCases.Get(reader, case_id);
  if (!row) return std::nullopt;
  const Standing standing = StandingOf(*row, kStandings.Get(reader, case_id));
  v1::CaseView view = std::move(*row->mutable_view());
  view.set_owner(standing.owner);
  if (auto above = ownership::Above(reader, standing.owner, now)) view.set_supervisor(*std::move(above));
  view.set_status(standing.status);
  for (const std::string& notice : row->notice_ids()) {
    *view.add_notices() = LinkedNoticeOf(reader, notice, view.component_id(), now);
  }
  return view;
}

bool CaseChangedSince(const store::KeyValue& reader, const std::string& case_id, const runtime::Seen& seen) {
  const auto changed = [&seen](const auto& row) { return row && runtime::ChangedSince(row->last_change(), seen); };
  const auto row = kCases.Get(reader, case_id);
  if (changed(row) || changed(kStandings.Get(reader, case_id))) return true;
  return row && absl::c_any_of(row->notice_ids(), [&](const auto& id) { return changed(kNotices.Get(reader, id)); });
}

}  // namespace throughline::intake
