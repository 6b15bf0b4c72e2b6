#include "services/intake/projections/standing.h"

namespace throughline::intake {
namespace {

std::string StatusKey(const Standing& standing) { return std::to_string(standing.status); }
bool InComponent(const std::optional<Standing>& s) { return s && s->open() && !s->component_id.empty(); }

}  // namespace

Standing StandingOf(const v1::CaseRow& row, const std::optional<v1::StandingRow>& standing) {
  const v1::CaseView& view = row.view();
  Standing result;
  result.case_id = view.case_id();
  result.opened_at = runtime::FromProto(view.opened_at());
  result.component_id = view.component_id();
  if (standing) {
    result.owner = standing->owner();
    result.status = standing->status();
  } else {
    result.owner = view.owner();
  }
  const bool given = view.assignment_reason() != v1::ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY &&
                     view.assignment_reason() != v1::ASSIGNMENT_REASON_FALLBACK;
  result.taken = given || (standing && standing->taken()) || result.owner != view.owner();
  return result;
}

void WriteStandingRows(const std::optional<Standing>& before, const std::optional<Standing>& after,
                       store::Batch& batch) {
  if (!before || !after || before->owner != after->owner) {
    if (before) kByOwner.Delete(batch, before->owner, {before->opened_at}, before->case_id);
    if (after) kByOwner.Put(batch, after->owner, {after->opened_at}, after->case_id, "");
  }
  if (!before || !after || before->status != after->status) {
    if (before) kByStatus.Delete(batch, StatusKey(*before), {before->opened_at}, before->case_id);
    if (after) kByStatus.Put(batch, StatusKey(*after), {after->opened_at}, after->case_id, "");
  }
  if (InComponent(before) && !InComponent(after)) kOpenByComponent.Delete(batch, before->component_id, before->case_id);
  if (!InComponent(before) && InComponent(after)) kOpenByComponent.Put(batch, after->component_id, after->case_id, "");
}

}  // namespace throughline::intake
