#include "services/supplier-tracking/api/replay.h"

#include "services/supplier-tracking/api/execute_report.h"
#include "services/supplier-tracking/projections/shipments/quarantine.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr size_t kAtOnce = 200;
constexpr char kActor[] = "throughline.supplier-tracking";

struct Waiting {
  std::string stream;
  v1::StatusQuarantined message;
};

// Reads the quarantine in batches, so that others have their turn, gives commands, and continues when all commands of
// the batch are done. Runs where watches run and commands are answered, one step at a time.
class Replay : public std::enable_shared_from_this<Replay> {
 public:
  Replay(runtime::Streams& streams, std::shared_ptr<const Carriers> carriers, const ShipmentLimits& limits)
      : streams_(streams), carriers_(std::move(carriers)), limits_(limits) {}

  void Continue() {
    streams_.WhenCaughtUp([self = shared_from_this()] { self->Run(); });
  }

 private:
  void Run() {
    const std::vector<Waiting> some = Next();
    if (some.empty()) return;
    std::vector<Report> reports;
    for (const Waiting& waiting : some) {
      for (Report& report : Read(waiting)) reports.push_back(std::move(report));
    }
    if (reports.empty()) return Continue();
    left_ = reports.size();
    for (Report& report : reports) Give(std::move(report));
  }

  // The next batch.
  std::vector<Waiting> Next() {
    std::vector<Waiting> some;
    const std::string after = after_;
    kUnclear.Scan(*streams_.View(), after, [&](std::string_view raw, const auto& key, v1::UnclearRow row) {
      after_ = std::string(raw);
      if (row.has_quarantined()) some.push_back({std::get<0>(key), std::move(*row.mutable_quarantined())});
      return some.size() < kAtOnce;
    });
    return some;
  }

  // Reads the message with the present maps. None if it still has no meaning, or if an older version has cut it.
  std::vector<Report> Read(const Waiting& waiting) const {
    ShipmentName name;
    if (!ParseShipmentStream(waiting.stream, name)) return {};
    const v1::StatusQuarantined& message = waiting.message;
    const std::string body =
        QuarantinedBody(*streams_.View(), waiting.stream, message, 0, static_cast<size_t>(message.raw_size()));
    if (message.raw_size() > body.size()) return {};
    const CarrierAdapter* adapter = carriers_->Find(message.source());
    std::vector<Report> reports;
    const auto add = [&](absl::StatusOr<Report> report) {
      if (!report.ok() || std::holds_alternative<QuarantineStatus>(report->command)) return;
      reports.push_back(*std::move(report));
    };
    if (adapter == nullptr) {
      v1::StatusEvent event;
      if (!event.ParseFromString(body)) return {};
      event.set_epoch(name.epoch);
      add(ReadEvent(std::move(event), *carriers_, *streams_.View(), limits_));
      return Identified(waiting, name, std::move(reports));
    }
    for (ParsedItem& item : ReadBody(*adapter, body)) {
      if (item.kind != ParsedItem::Kind::kEvent) continue;
      if (item.event.carrier() == name.carrier && item.event.tracking_number() == name.number) {
        item.event.set_epoch(name.epoch);
      }
      add(ReadItem(std::move(item), adapter->Format(), streams_.clock().Trusted(), *streams_.View(), limits_));
    }
    return Identified(waiting, name, std::move(reports));
  }
  // A message that is one scan of its shipment keeps the identity that it had in quarantine. What was kept on a stream
  // of its own because nothing of it could be read is recorded where it belongs, and discarded there.
  static std::vector<Report> Identified(const Waiting& waiting, const ShipmentName& name, std::vector<Report> reports) {
    if (reports.empty()) return {};
    const bool own = reports.size() == 1 && reports[0].carrier == name.carrier && reports[0].number == name.number;
    if (!own) {
      Report& done = reports.emplace_back();
      done.carrier = name.carrier;
      done.number = name.number;
      done.epoch = name.epoch;
      DiscardQuarantined command;
      command.request.set_shipment(waiting.stream);
      command.request.set_fingerprint(waiting.message.fingerprint());
      command.request.set_reason("it can be read now: its scans are recorded");
      done.command = std::move(command);
      return reports;
    }
    reports[0].fingerprint = waiting.message.fingerprint();
    std::visit(
        [&](auto& command) {
          if constexpr (requires { command.request.set_correction_of(""); }) {
            command.request.set_fingerprint(waiting.message.fingerprint());
          } else if constexpr (requires { command.request.set_other_state(v1::TRACKING_STATE_UNKNOWN); }) {
            command.request.set_fingerprint(waiting.message.fingerprint());
          }
        },
        reports[0].command);
    return reports;
  }

  void Give(Report report) {
    runtime::Caller caller;
    caller.id = kActor;
    caller.roles = {common::v1::ROLE_SERVICE};
    caller.command_id = report.CommandId();
    caller.time = streams_.clock().Trusted();
    caller.causation_id = "replay of the quarantine";
    const absl::Time deadline = streams_.clock().Now() + absl::Seconds(30);
    Execute(streams_, std::move(report), std::move(caller), deadline,
            [self = shared_from_this()](const absl::StatusOr<runtime::Outcome<Shipment>>&) {
              // A failure is tried again at the next start.
              if (--self->left_ == 0) self->Continue();
            });
  }

  runtime::Streams& streams_;
  const std::shared_ptr<const Carriers> carriers_;
  const ShipmentLimits limits_;
  std::string after_;  // raw key
  size_t left_ = 0;
};

}  // namespace

void ReplayQuarantine(runtime::Streams& streams, std::shared_ptr<const Carriers> carriers,
                      const ShipmentLimits& limits) {
  std::make_shared<Replay>(streams, std::move(carriers), limits)->Continue();
}

}  // namespace throughline::supplier
