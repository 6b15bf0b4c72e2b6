#include "services/intake/projections/standing.h"

#include "services/intake/domain/matter.h"

namespace throughline::intake {
namespace {

std::string StatusKey(const Standing& standing) { return std::to_string(standing.status); }
bool IsOpen(const std::optional<Standing>& s) { return s && s->open(); }

}  // namespace

Standing StandingOf(const v1::CaseRow& row, const std::optional<v1::StandingRow>& standing) {
  const v1::CaseView& view = row.view();
  Standing result;
  result.case_id = view.case_id();
  result.opened_at = runtime::FromProto(view.opened_at());
  result.components = ComponentsOf(view);
  result.matters = MattersOf(view);
  if (standing) {
    result.owner = standing->owner();
    result.status = standing->status();
    result.merged_into = standing->merged_into_case_id();
    if (standing->has_closed_at()) result.closed_at = runtime::FromProto(standing->closed_at());
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
  if (IsOpen(before) && !IsOpen(after)) {
    for (const auto& component : before->components) kOpenByComponent.Delete(batch, component, before->case_id);
    for (const auto& matter : before->matters) {
      kOpenByMatter.Delete(batch, matter, {before->opened_at}, before->case_id);
    }
  }
  if (!IsOpen(before) && IsOpen(after)) {
    for (const auto& component : after->components) kOpenByComponent.Put(batch, component, after->case_id, "");
    for (const auto& matter : after->matters) {
      kOpenByMatter.Put(batch, matter, {after->opened_at}, after->case_id, "");
    }
  }
}

}  // namespace throughline::intake
