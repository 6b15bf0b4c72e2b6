#include "services/supplier-tracking/timers/promised_time.h"

#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {

void PromisedTime::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue&,
                        runtime::Reactions& reactions) {
  const auto stream = runtime::StreamId::Parse(timer.stream());
  if (!stream || timer.name() != kPromisedTime) return;
  PassPromise command;
  *command.request.mutable_promised_time() = timer.due();
  reactions.Execute<Order>(*stream, std::move(command), kPromisedTime);
}

}  // namespace throughline::supplier
