#include "services/supplier-tracking/projections/trace/effects.h"

#include "services/supplier-tracking/projections/trace/trace.h"

namespace throughline::supplier {
namespace {

void SetRisk(bool before, bool after, v1::TraceEffect& effect) {
  if (before == after) return;
  effect.mutable_risk()->set_before(before);
  effect.mutable_risk()->set_after(after);
}

}  // namespace

v1::TraceEffect EffectOf(const v1::OrderView& before, const v1::OrderState& after) {
  v1::TraceEffect effect;
  SetEtaChange(before.has_eta() ? &before.eta() : nullptr, after.has_eta() ? &after.eta() : nullptr,
               [&] { return effect.mutable_eta(); });
  SetRisk(before.at_risk(), after.at_risk(), effect);
  if (before.has_completed_at() != after.has_completed_at()) effect.set_complete(after.has_completed_at());
  if (before.version() == 0) return effect;  // it is placed
  for (int i = 0; i < after.lines_size() && i < before.lines_size(); ++i) {
    if (before.lines(i).status() == after.lines(i).status()) continue;
    v1::LineStatusChange& line = *effect.add_lines();
    line.set_line_id(after.lines(i).line_id());
    line.set_before(before.lines(i).status());
    line.set_after(after.lines(i).status());
  }
  return effect;
}

v1::TraceEffect EffectOf(const v1::OrderEvent& event) {
  v1::TraceEffect effect;
  if (event.has_eta_changed()) {
    const v1::EtaChanged& changed = event.eta_changed();
    SetEtaChange(changed.has_old_eta() ? &changed.old_eta() : nullptr,
                 changed.has_new_eta() ? &changed.new_eta() : nullptr, [&] { return effect.mutable_eta(); });
  }
  if (event.has_promise_at_risk()) SetRisk(false, true, effect);
  if (event.has_promise_recovered()) SetRisk(true, false, effect);
  if (event.has_completed()) effect.set_complete(true);
  return effect;
}

}  // namespace throughline::supplier
