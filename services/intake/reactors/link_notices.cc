#include "services/intake/reactors/link_notices.h"

#include <set>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/intake/domain/matter.h"
#include "services/intake/projections/tables.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::intake {
namespace {

void Link(const v1::CaseRow& row, const std::string& notice_id, const std::string& component_id,
          runtime::Reactions& reactions) {
  if (absl::c_linear_search(row.notice_ids(), notice_id)) return;
  const std::string& case_id = row.view().case_id();
  LinkNotice command;
  command.request.set_notice_id(notice_id);
  command.request.set_component_id(component_id);
  reactions.Execute<Case>({Case::kKind, case_id}, std::move(command), "link/" + case_id + "/" + notice_id);
}

bool OpenedAfter(const v1::CaseRow& row, const v1::NoticeRow& notice) {
  return notice.has_resolved_at() &&
         runtime::FromProto(row.view().opened_at()) > runtime::FromProto(notice.resolved_at());
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
      if (!row || OpenedAfter(*row, *notice) || !linked.insert(case_id).second) continue;
      Link(*row, notice_id, component, reactions);
    }
  }
}

void LinkCase(const std::string& case_id, const store::KeyValue& reader, runtime::Reactions& reactions) {
  const auto row = kCases.Get(reader, case_id);
  if (!row) return;
  std::set<std::string> linked;  // a notice may be about several of the components
  for (const std::string& component : ComponentsOf(row->view())) {
    if (!kOpenByComponent.Has(reader, component, case_id)) continue;
    kActiveNotices.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const std::string&) {
          if (linked.insert(std::get<1>(key)).second) Link(*row, std::get<1>(key), component, reactions);
          return true;
        },
        component);
  }
}

bool OpensAboutComponent(const runtime::AcceptedCommit& commit) {
  return commit.stream.kind == Case::kKind && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           return static_cast<const v1::CaseEvent&>(*message).opened().has_component_id();
         });
}

bool PublishesOrUpdatesNotice(const runtime::AcceptedCommit& commit) {
  return commit.stream.kind == "notice" && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           const auto& event = static_cast<const outage::v1::NoticeEvent&>(*message);
           return event.has_published() || event.has_updated();
         });
}

}  // namespace

bool LinkNotices::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return OpensAboutComponent(commit) || PublishesOrUpdatesNotice(commit);
}

void LinkNotices::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                        runtime::Reactions& reactions) {
  if (OpensAboutComponent(commit)) LinkCase(commit.stream.key, reader, reactions);
  if (PublishesOrUpdatesNotice(commit)) LinkCases(commit.stream.key, reader, reactions);
}

}  // namespace throughline::intake
