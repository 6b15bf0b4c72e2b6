#include "services/intake/reactors/link_notices.h"

#include <set>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/intake/domain/matter.h"
#include "services/intake/projections/notice_match.h"
#include "services/intake/projections/tables.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::intake {
namespace {

void Link(const v1::CaseRow& row, const v1::NoticeRow& notice, const std::string& component_id,
          runtime::Reactions& reactions) {
  const std::string& notice_id = notice.notice().notice_id();
  if (absl::c_linear_search(row.notice_ids(), notice_id)) return;
  if (absl::c_linear_search(row.unlinked_notice_ids(), notice_id)) return;
  if (!MayBeAbout(notice, row.view().region(), runtime::FromProto(row.view().opened_at()))) return;
  const std::string& case_id = row.view().case_id();
  LinkNotice command;
  command.request.set_notice_id(notice_id);
  command.request.set_component_id(component_id);
  reactions.Execute<Case>({Case::kKind, case_id}, std::move(command), "link/" + case_id + "/" + notice_id);
}

void LinkCases(const std::string& notice_id, const store::KeyValue& reader, runtime::Reactions& reactions) {
  const auto notice = kNotices.Get(reader, notice_id);
  if (!notice) return;
  std::set<std::string> linked;  // a case may be about several of the components
  for (const std::string& component : notice->component_ids()) {
    std::vector<std::string> open;
    kOpenByComponent.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const std::string&) {
          open.push_back(std::get<1>(key));
          return true;
        },
        component);
    for (const std::string& case_id : open) {
      const auto row = kCases.Get(reader, case_id);
      if (row && linked.insert(case_id).second) Link(*row, *notice, component, reactions);
    }
  }
}

void LinkCase(const std::string& case_id, const store::KeyValue& reader, runtime::Reactions& reactions) {
  const auto row = kCases.Get(reader, case_id);
  if (!row) return;
  std::set<std::string> linked;  // a notice may be about several of the components
  for (const std::string& component : ComponentsOf(row->view())) {
    if (!kOpenByComponent.Has(reader, component, case_id)) continue;
    std::vector<std::string> active;
    kActiveNotices.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const std::string&) {
          active.push_back(std::get<1>(key));
          return true;
        },
        component);
    for (const std::string& notice_id : active) {
      const auto notice = kNotices.Get(reader, notice_id);
      if (notice && linked.insert(notice_id).second) Link(*row, *notice, component, reactions);
    }
  }
}

template <typename Event>
bool Any(const runtime::AcceptedCommit& commit, absl::string_view kind, bool (*wanted)(const Event& event)) {
  return commit.stream.kind == kind && absl::c_any_of(commit.events, [&](const runtime::MessagePtr& message) {
           return wanted(static_cast<const Event&>(*message));
         });
}

// A case about a component that is open from here on.
bool OpensOrReopensCase(const runtime::AcceptedCommit& commit) {
  return Any<v1::CaseEvent>(commit, Case::kKind, [](const auto& event) { return event.opened().has_component_id(); }) ||
         Any<ownership::v1::OwnershipEvent>(commit, "ownership",
                                            [](const auto& event) { return event.has_reopened(); });
}

// What a notice is about, or since when, may be another from here on.
bool TellsOfNotice(const runtime::AcceptedCommit& commit) {
  return Any<outage::v1::NoticeEvent>(commit, "notice", [](const auto& event) {
    return event.has_published() || event.has_updated() || event.has_began() || event.has_corrected();
  });
}

}  // namespace

bool LinkNotices::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return OpensOrReopensCase(commit) || TellsOfNotice(commit);
}

void LinkNotices::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                        runtime::Reactions& reactions) {
  if (OpensOrReopensCase(commit)) LinkCase(commit.stream.key, reader, reactions);
  if (TellsOfNotice(commit)) LinkCases(commit.stream.key, reader, reactions);
}

}  // namespace throughline::intake
