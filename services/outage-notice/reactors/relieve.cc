#include "services/outage-notice/reactors/relieve.h"

#include "absl/algorithm/container.h"

#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/projections/tables.h"
#include "services/ownership/people/people.h"

namespace throughline::outage {
namespace {

bool GivesNotice(const runtime::AcceptedCommit& commit) {
  return commit.stream.kind == Notice::kKind && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           const auto& event = static_cast<const v1::NoticeEvent&>(*message);
           return event.has_published() || event.has_reassigned();
         });
}

}  // namespace

bool RelieveOwners::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return ownership::IsDeactivation(commit) || GivesNotice(commit);
}

void RelieveOwners::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                          runtime::Reactions& reactions) {
  std::string person;
  std::vector<std::string> notices;
  if (ownership::IsDeactivation(commit)) {
    person = commit.stream.key;
    kActiveByOwner.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const std::string&) {
          notices.push_back(std::get<1>(key));
          return true;
        },
        person);
  } else if (GivesNotice(commit)) {
    const auto notice = kNotices.Get(reader, commit.stream.key);
    if (!notice) return;
    person = notice->owner();
    notices.push_back(commit.stream.key);
  }
  ownership::WhoTakesOver(reader, person, last_resort_, reactions, [&](const std::string& above) {
    for (const std::string& notice_id : notices) {
      RelieveNoticeOwner command;
      command.request.set_from(person);
      command.request.set_to(above);
      command.request.set_reason("`" + person + "` was deactivated");
      reactions.Execute<Notice>({Notice::kKind, notice_id}, std::move(command), "relieve/" + notice_id + "/" + person);
    }
  });
}

}  // namespace throughline::outage
