#include "services/outage-notice/timers/next_update.h"

#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {

void NextUpdateTimer::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue&,
                           runtime::Reactions& reactions) {
  const auto stream = runtime::StreamId::Parse(timer.stream());
  if (!stream || timer.name() != kNextUpdate) return;
  MissUpdate command;
  *command.request.mutable_due() = timer.due();
  reactions.Execute<Notice>(*stream, std::move(command), kNextUpdate);
}

}  // namespace throughline::outage
