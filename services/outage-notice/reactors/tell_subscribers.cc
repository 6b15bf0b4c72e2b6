#include "services/outage-notice/reactors/tell_subscribers.h"

#include <set>

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/domain/subscriber.h"
#include "services/outage-notice/projections/subscribers.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {

bool TellSubscribers::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return commit.stream.kind == Notice::kKind && NewsIn(commit) != v1::NOTICE_NEWS_UNSPECIFIED;
}

void TellSubscribers::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                            runtime::Reactions& reactions) {
  if (!NeedsPresent(commit)) return;
  const auto told = kNews.Get(reader, commit.stream.key, static_cast<int64_t>(commit.version));
  if (!told) return;
  const std::vector<std::string> components = ComponentsOf(commit, *told);
  std::set<std::string> subscribers;
  const auto take = [&](std::string_view, const auto& key, const std::string&) {
    subscribers.insert(std::get<1>(key));
    return true;
  };
  kSubscribersOf.Scan(reader, "", take, std::string());
  for (const std::string& component : components) kSubscribersOf.Scan(reader, "", take, component);
  for (const std::string& subscriber : subscribers) {
    QueueUpdate command;
    command.request.set_notice_id(commit.stream.key);
    command.request.set_notice_version(commit.version);
    *command.request.mutable_at() = runtime::ToProto(commit.time);
    command.component_ids = components;
    reactions.Execute<Subscriber>({Subscriber::kKind, subscriber}, std::move(command), "tell/" + subscriber);
  }
}

}  // namespace throughline::outage
