#pragma once

// Executes the command of a report on its shipment. Any thread.

#include "libs/runtime/streams.h"
#include "services/supplier-tracking/api/reports.h"
#include "services/supplier-tracking/domain/checks.h"

namespace throughline::supplier {

using ReportDone = std::function<void(absl::StatusOr<runtime::Outcome<Shipment>>)>;

// Reports on one shipment take effect in the order of the calls. `done` runs where commands are answered.
inline void Execute(runtime::Streams& streams, Report report, runtime::Caller caller, absl::Time deadline,
                    ReportDone done) {
  runtime::StreamId stream{Shipment::kKind, ShipmentKey(report.carrier, report.number, report.epoch)};
  std::visit(
      [&](auto& command) {
        streams.Execute<Shipment>(std::move(stream), std::move(command), std::move(caller), deadline, std::move(done));
      },
      report.command);
}

}  // namespace throughline::supplier
