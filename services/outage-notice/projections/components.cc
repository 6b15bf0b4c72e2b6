#include "services/outage-notice/projections/components.h"

#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {

void ComponentProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Component::kKind) return;
  const v1::ComponentState& state = commit.StateOf<Component>();
  v1::ComponentView view;
  view.set_component_id(commit.stream.key);
  view.set_version(commit.version);
  view.set_name(state.name());
  view.set_description(state.description());
  if (state.has_owner()) view.set_owner(state.owner());
  kComponents.Put(batch, commit.stream.key, view);
}

}  // namespace throughline::outage
