#include "services/outage-notice/projections/components.h"

#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {

namespace {

// What is suspected is a row while it is.
void Suspect(store::Batch& batch, const std::string& component_id, const v1::ComponentState& state) {
  const bool was = kSuspicions.Has(batch, component_id);
  runtime::Count(batch, kOutagesSuspected, state.has_suspicion() - was);
  if (was && !state.has_suspicion()) kSuspicions.Delete(batch, component_id);
  if (!state.has_suspicion()) return;
  const v1::OutageSuspected& suspected = state.suspicion();
  v1::SuspicionView view;
  view.set_suspicion_id(suspected.suspicion_id());
  view.set_component_id(component_id);
  view.set_component_name(state.defined().name());
  view.set_owner(suspected.owner());
  *view.mutable_at() = suspected.at();
  *view.mutable_window() = suspected.window();
  view.set_cases(suspected.cases());
  view.set_usual(suspected.usual());
  view.set_probability(suspected.probability());
  kSuspicions.Put(batch, component_id, view);
}

}  // namespace

void ComponentProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Component::kKind) return;
  const v1::ComponentDefined& defined = commit.StateOf<Component>().defined();
  v1::ComponentView view;
  view.set_component_id(commit.stream.key);
  view.set_version(commit.version);
  view.set_name(defined.name());
  view.set_description(defined.description());
  if (defined.has_owner()) view.set_owner(defined.owner());
  view.set_group(defined.group());
  *view.mutable_regions() = defined.regions();
  *view.mutable_depends_on_component_ids() = defined.depends_on_component_ids();
  *view.mutable_keywords() = defined.keywords();
  kComponents.Put(batch, commit.stream.key, view);
  Suspect(batch, commit.stream.key, commit.StateOf<Component>());
}

}  // namespace throughline::outage
