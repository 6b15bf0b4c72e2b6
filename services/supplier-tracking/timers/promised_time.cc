#include "services/supplier-tracking/timers/promised_time.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {

void PromisedTime::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue&,
                        runtime::Reactions& reactions) {
  const auto stream = runtime::StreamId::Parse(timer.stream());
  if (stream && absl::StartsWith(timer.name(), kLegTimer)) {
    PassLegDue passed;
    passed.request.set_shipment(std::string(absl::StripPrefix(timer.name(), kLegTimer)));
    *passed.request.mutable_due() = timer.due();
    return reactions.Execute<Order>(*stream, std::move(passed), timer.name());
  }
  if (stream && absl::StartsWith(timer.name(), kProofTimer)) {
    PassProofDue passed;
    passed.request.set_shipment(std::string(absl::StripPrefix(timer.name(), kProofTimer)));
    *passed.request.mutable_due() = timer.due();
    return reactions.Execute<Order>(*stream, std::move(passed), timer.name());
  }
  if (stream && absl::StartsWith(timer.name(), kReceiptTimer)) {
    PassReceiptDue passed;
    passed.request.set_shipment(std::string(absl::StripPrefix(timer.name(), kReceiptTimer)));
    *passed.request.mutable_due() = timer.due();
    return reactions.Execute<Order>(*stream, std::move(passed), timer.name());
  }
  if (stream && absl::StartsWith(timer.name(), kCollectTimer)) {
    PassCollectionDue passed;
    passed.request.set_shipment(std::string(absl::StripPrefix(timer.name(), kCollectTimer)));
    *passed.request.mutable_collect_by() = timer.due();
    return reactions.Execute<Order>(*stream, std::move(passed), timer.name());
  }
  if (!stream || timer.name() != kPromisedTime) return;
  PassPromise command;
  *command.request.mutable_promised_time() = timer.due();
  reactions.Execute<Order>(*stream, std::move(command), kPromisedTime);
}

}  // namespace throughline::supplier
