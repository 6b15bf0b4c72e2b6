#pragma once

// Executes the command of a report on its shipment. Any thread.

#include <memory>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/streams.h"
#include "services/supplier-tracking/api/reports.h"
#include "services/supplier-tracking/domain/checks.h"

namespace throughline::supplier {

using ReportDone = std::function<void(absl::StatusOr<runtime::Outcome<Shipment>>)>;

// Reports on one shipment take effect in the order of the calls, unless they have parts, which come first, one after
// the other. `done` runs where commands are answered.
inline void Execute(runtime::Streams& streams, Report report, runtime::Caller caller, absl::Time deadline,
                    ReportDone done) {
  runtime::StreamId stream{Shipment::kKind, ShipmentKey(report.carrier, report.number, report.epoch)};
  if (!report.parts.empty()) {
    RecordQuarantinePart part = std::move(report.parts.back());
    report.parts.pop_back();
    runtime::Caller keeper = caller;
    keeper.command_id = runtime::DerivedId(caller, absl::StrCat("part/", part.request.raw_offset()));
    auto rest = std::make_shared<Report>(std::move(report));
    streams.Execute<Shipment>(std::move(stream), std::move(part), std::move(keeper), deadline,
                              [&streams, rest, caller = std::move(caller), deadline,
                               done = std::move(done)](absl::StatusOr<runtime::Outcome<Shipment>> outcome) mutable {
                                if (!outcome.ok()) return done(std::move(outcome));
                                Execute(streams, std::move(*rest), std::move(caller), deadline, std::move(done));
                              });
    return;
  }
  std::visit(
      [&](auto& command) {
        streams.Execute<Shipment>(std::move(stream), std::move(command), std::move(caller), deadline, std::move(done));
      },
      report.command);
}

}  // namespace throughline::supplier
