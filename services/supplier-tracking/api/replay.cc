#include "services/supplier-tracking/api/replay.h"

#include <set>

#include "libs/runtime/time.h"
#include "services/supplier-tracking/api/execute_report.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr size_t kAtOnce = 1000;
constexpr char kActor[] = "throughline.supplier-tracking";

struct Waiting {
  std::string stream;
  v1::StatusQuarantined message;
};

// One round: reads, gives commands, and begins the next when all of them are over. The engine's thread.
class Replay : public std::enable_shared_from_this<Replay> {
 public:
  Replay(runtime::Streams& streams, std::shared_ptr<const Carriers> carriers, const ShipmentLimits& limits)
      : streams_(streams), carriers_(std::move(carriers)), limits_(limits) {}

  void Run() {
    std::vector<Report> reports;
    for (const Waiting& waiting : Known()) {
      if (auto report = Read(waiting)) reports.push_back(*std::move(report));
    }
    left_ = reports.size();
    recorded_ = 0;
    for (Report& report : reports) Give(std::move(report));
  }

 private:
  bool HasMeaning(const std::string& carrier, const v1::CarrierCode& code) const {
    return carriers_->Judge(carrier, code, "").kind != Judgement::Kind::kUnmapped;
  }

  // Of the messages that wait, some that have a meaning now. Looks at the names first: usually there is none.
  std::vector<Waiting> Known() const {
    std::set<std::string> names;
    kQuarantine.Scan(streams_.reader(), "", [&](std::string_view, const auto&, const v1::QuarantineView& view) {
      if (view.count() > 0 && HasMeaning(view.carrier(), view.code())) {
        names.insert(view.carrier() + "/" + view.code().SerializeAsString());
      }
      return true;
    });
    std::vector<Waiting> known;
    if (names.empty()) return known;
    kUnclear.Scan(streams_.reader(), "", [&](std::string_view, const auto& key, v1::UnclearRow row) {
      if (!row.has_quarantined()) return true;
      const v1::StatusQuarantined& message = row.quarantined();
      if (names.contains(message.carrier() + "/" + message.code().SerializeAsString())) {
        known.push_back({std::get<0>(key), std::move(*row.mutable_quarantined())});
      }
      return known.size() < kAtOnce;
    });
    return known;
  }

  // As it would be read now. Nothing if its raw text was too long to be kept whole.
  std::optional<Report> Read(const Waiting& waiting) const {
    ShipmentName name;
    if (!ParseShipmentStream(waiting.stream, name)) return std::nullopt;
    const CarrierAdapter* adapter = carriers_->Find(waiting.message.source());
    if (adapter == nullptr) {
      v1::StatusEvent event;
      if (!event.ParseFromString(waiting.message.raw())) return std::nullopt;
      event.set_epoch(name.epoch);
      return Same(waiting, ReadEvent(std::move(event), *carriers_, streams_.reader(), limits_));
    }
    absl::StatusOr<std::vector<ParsedItem>> items = adapter->Parse(waiting.message.raw());
    if (!items.ok()) return std::nullopt;
    for (ParsedItem& item : *items) {
      if (item.kind != ParsedItem::Kind::kEvent) continue;
      item.event.set_epoch(name.epoch);
      auto report = Same(waiting, ReadItem(std::move(item), adapter->Format(), streams_.reader(), limits_));
      if (report) return report;
    }
    return std::nullopt;
  }
  static std::optional<Report> Same(const Waiting& waiting, absl::StatusOr<Report> report) {
    if (!report.ok() || report->fingerprint != waiting.message.fingerprint()) return std::nullopt;
    return *std::move(report);
  }

  void Give(Report report) {
    runtime::Caller caller;
    caller.id = kActor;
    caller.roles = {common::v1::ROLE_SERVICE};
    caller.command_id = report.CommandId();
    caller.time = streams_.clock().Now();
    caller.causation_id = "replay of the quarantine";
    const absl::Time deadline = caller.time + absl::Seconds(30);
    Execute(streams_, std::move(report), std::move(caller), deadline,
            [self = shared_from_this()](absl::StatusOr<runtime::Outcome<Shipment>> outcome) {
              self->recorded_ += outcome.ok() && !outcome->events.empty();
              // What could not be recorded is tried again at the next start.
              if (--self->left_ == 0 && self->recorded_ > 0) self->Run();
            });
  }

  runtime::Streams& streams_;
  const std::shared_ptr<const Carriers> carriers_;
  const ShipmentLimits limits_;
  size_t left_ = 0;
  size_t recorded_ = 0;
};

}  // namespace

void ReplayQuarantine(runtime::Streams& streams, std::shared_ptr<const Carriers> carriers,
                      const ShipmentLimits& limits) {
  auto replay = std::make_shared<Replay>(streams, std::move(carriers), limits);
  streams.AfterPresent(absl::InfiniteFuture(), [replay](const absl::Status& status) {
    if (status.ok()) replay->Run();
  });
}

}  // namespace throughline::supplier
