#include "services/ownership/reactors/confirmation.h"

#include "absl/algorithm/container.h"

#include "services/ownership/domain/ownership.h"
#include "services/ownership/projections/tables.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::ownership {
namespace {

void Request(const store::KeyValue& reader, const std::string& case_id, const std::string& notice_id,
             runtime::Reactions& reactions) {
  auto opening = kOpenings.Get(reader, case_id);
  if (!opening) return;
  RequestConfirmation command;
  command.request.set_notice_id(notice_id);
  command.opening = *std::move(opening);
  reactions.Execute<Ownership>({Ownership::kKind, case_id}, std::move(command), "confirm/" + case_id + "/" + notice_id);
}

}  // namespace

bool ConfirmationReactor::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return absl::c_any_of(commit.events, [&](const runtime::MessagePtr& message) {
    if (commit.stream.kind == "notice") return static_cast<const outage::v1::NoticeEvent&>(*message).has_resolved();
    if (commit.stream.kind != "case") return false;
    const auto& event = static_cast<const intake::v1::CaseEvent&>(*message);
    return event.opened().notice_ids_size() > 0 || event.has_linked_to_notice();
  });
}

void ConfirmationReactor::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                                runtime::Reactions& reactions) {
  const std::string& key = commit.stream.key;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    if (commit.stream.kind == "notice") {
      if (!commit.EventAt<outage::v1::NoticeEvent>(i).has_resolved()) continue;
      std::vector<std::string> linked;
      kLinkedCases.Scan(
          reader, "",
          [&](std::string_view, const auto& row, const std::string&) {
            linked.push_back(std::get<1>(row));
            return true;
          },
          key);
      for (const std::string& case_id : linked) Request(reader, case_id, key, reactions);
    } else if (commit.stream.kind == "case") {
      const auto& event = commit.EventAt<intake::v1::CaseEvent>(i);
      const auto request = [&](const std::string& notice) {
        if (kResolvedNotices.Has(reader, notice)) Request(reader, key, notice, reactions);
      };
      for (const std::string& notice : event.opened().notice_ids()) request(notice);
      if (event.has_linked_to_notice()) request(event.linked_to_notice().notice_id());
    }
  }
}

}  // namespace throughline::ownership
