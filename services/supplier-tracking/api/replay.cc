#include "services/supplier-tracking/api/replay.h"

#include "services/supplier-tracking/api/execute_report.h"
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
      if (auto report = Read(waiting)) reports.push_back(*std::move(report));
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

  // Reads the message with the present maps. None if it still has no meaning, or if it was too long to be kept whole.
  std::optional<Report> Read(const Waiting& waiting) const {
    ShipmentName name;
    if (!ParseShipmentStream(waiting.stream, name)) return std::nullopt;
    const CarrierAdapter* adapter = carriers_->Find(waiting.message.source());
    if (adapter == nullptr) {
      v1::StatusEvent event;
      if (!event.ParseFromString(waiting.message.raw())) return std::nullopt;
      event.set_epoch(name.epoch);
      return Same(waiting, ReadEvent(std::move(event), *carriers_, *streams_.View(), limits_));
    }
    absl::StatusOr<std::vector<ParsedItem>> items = ReadBody(*adapter, waiting.message.raw());
    if (!items.ok()) return std::nullopt;
    for (ParsedItem& item : *items) {
      if (item.kind != ParsedItem::Kind::kEvent) continue;
      item.event.set_epoch(name.epoch);
      auto report = Same(
          waiting, ReadItem(std::move(item), adapter->Format(), streams_.clock().Trusted(), *streams_.View(), limits_));
      if (report) return report;
    }
    return std::nullopt;
  }
  static std::optional<Report> Same(const Waiting& waiting, absl::StatusOr<Report> report) {
    if (!report.ok() || report->fingerprint != waiting.message.fingerprint()) return std::nullopt;
    if (std::holds_alternative<QuarantineStatus>(report->command)) return std::nullopt;
    return *std::move(report);
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
