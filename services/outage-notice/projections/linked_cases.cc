#include "services/outage-notice/projections/linked_cases.h"

#include "services/outage-notice/projections/notices.h"
#include "services/outage-notice/projections/tables.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::outage {
namespace {

// The rules of a case link it to a notice only once.
void Link(store::Batch& batch, const log::Position& position, const std::string& notice_id) {
  v1::NoticeView view = kNotices.Get(batch, notice_id).value_or(v1::NoticeView());
  view.set_linked_case_count(view.linked_case_count() + 1);
  kNotices.Put(batch, notice_id, view);
  Changed(batch, notice_id, position, view);
}

}  // namespace

void LinkedCaseProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "case") return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<intake::v1::CaseEvent>(i);
    for (const std::string& notice_id : event.opened().notice_ids()) Link(batch, commit.position, notice_id);
    if (event.has_linked_to_notice()) Link(batch, commit.position, event.linked_to_notice().notice_id());
  }
}

}  // namespace throughline::outage
