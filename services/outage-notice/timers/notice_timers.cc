#include "services/outage-notice/timers/notice_timers.h"

#include "absl/strings/match.h"

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/domain/subscriber.h"
#include "services/outage-notice/projections/tables.h"
#include "services/ownership/people/people.h"

namespace throughline::outage {
namespace {

std::string OwedBy(const store::KeyValue& reader, const std::string& notice_id, const std::string& follow_up_id) {
  const auto notice = kNotices.Get(reader, notice_id);
  if (!notice) return "";
  for (const v1::FollowUpView& follow_up : notice->postmortem().follow_ups()) {
    if (follow_up.follow_up_id() == follow_up_id) return follow_up.owed_by();
  }
  return "";
}

void FireForSubscriber(const throughline::log::v1::TimerRow& timer, const runtime::StreamId& stream,
                       const store::KeyValue& reader, Outbox& outbox, runtime::Reactions& reactions) {
  if (timer.name() == kExpire) return reactions.Execute<Subscriber>(stream, ExpireRequest(), kExpire);
  const auto row = kSubscribers.Get(reader, stream.key);
  if (!row || !row->has_deliver_at()) return;
  outbox.Put(row->view().channel(), {stream.key, row->delivery_id(), row->attempt()});
}

}  // namespace

void NoticeTimers::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
                        runtime::Reactions& reactions) {
  const auto stream = runtime::StreamId::Parse(timer.stream());
  if (stream && stream->kind == Subscriber::kKind)
    return FireForSubscriber(timer, *stream, reader, *outbox_, reactions);
  if (!stream || stream->kind != Notice::kKind) return;
  if (timer.name() == kNextUpdate) {
    MissUpdate command;
    *command.request.mutable_due() = timer.due();
    reactions.Execute<Notice>(*stream, std::move(command), kNextUpdate);
  } else if (timer.name() == kBeginning) {
    reactions.Execute<Notice>(*stream, BeginNotice(), kBeginning);
  } else if (timer.name() == kValidity) {
    reactions.Execute<Notice>(*stream, EndValidity(), kValidity);
  } else if (absl::StartsWith(timer.name(), kFollowUp)) {
    BreakFollowUp command;
    command.request.set_commitment_id(timer.name().substr(kFollowUp.size()));
    const std::string owed_by = OwedBy(reader, stream->key, command.request.commitment_id());
    const auto above = ownership::Above(reader, owed_by, runtime::FromProto(timer.due()), last_resort_);
    if (above) command.request.set_above(*above);
    reactions.Execute<Notice>(*stream, std::move(command), timer.name());
  }
}

}  // namespace throughline::outage
