#include "services/outage-notice/projections/components.h"

#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {

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
}

}  // namespace throughline::outage
