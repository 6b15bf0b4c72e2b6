#include "services/supplier-tracking/supplier_tracking.h"

#include <set>
#include <utility>

#include "absl/strings/str_split.h"

#include "libs/store/fatal.h"
#include "services/ownership/people/people.h"
#include "services/supplier-tracking/api/collection.h"
#include "services/supplier-tracking/api/deliveries.h"
#include "services/supplier-tracking/api/order_changes.h"
#include "services/supplier-tracking/api/order_links.h"
#include "services/supplier-tracking/api/orders.h"
#include "services/supplier-tracking/api/push_raw.h"
#include "services/supplier-tracking/api/push_status.h"
#include "services/supplier-tracking/api/quarantine.h"
#include "services/supplier-tracking/api/serials.h"
#include "services/supplier-tracking/api/shipments.h"
#include "services/supplier-tracking/api/vendors/serve_documents.h"
#include "services/supplier-tracking/api/vendors/vendor_documents.h"
#include "services/supplier-tracking/api/watch_order.h"
#include "services/supplier-tracking/detectors/concerns.h"
#include "services/supplier-tracking/detectors/detector_projection.h"
#include "services/supplier-tracking/domain/carrier_codes.h"
#include "services/supplier-tracking/domain/documents/vendor_document.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/lanes/history_api.h"
#include "services/supplier-tracking/lanes/history_projection.h"
#include "services/supplier-tracking/lanes/history_tables.h"
#include "services/supplier-tracking/projections/cases.h"
#include "services/supplier-tracking/projections/concerns/concern_rows.h"
#include "services/supplier-tracking/projections/documents/vendor_documents.h"
#include "services/supplier-tracking/projections/notices.h"
#include "services/supplier-tracking/projections/order/orders.h"
#include "services/supplier-tracking/projections/partners.h"
#include "services/supplier-tracking/projections/shipments/mapped_codes.h"
#include "services/supplier-tracking/projections/shipments/shipments.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/reactors/add_legs.h"
#include "services/supplier-tracking/reactors/announce.h"
#include "services/supplier-tracking/reactors/observe.h"
#include "services/supplier-tracking/reactors/relieve.h"
#include "services/supplier-tracking/risk/assess.h"
#include "services/supplier-tracking/timers/promised_time.h"
#include "services/supplier-tracking/timers/timers.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::supplier {
namespace {

using runtime::CounterGauge;
using runtime::StreamType;

}  // namespace

std::unique_ptr<runtime::Definition> Define(const Config& config) {
  auto definition = std::make_unique<runtime::Definition>();
  definition->topic = log::Topic::kSupplierTracking;
  definition->folds = {log::Topic::kIntake, log::Topic::kOwnership, log::Topic::kOutageNotice,
                       log::Topic::kSupplierTracking};
  definition->layout = kLayout;
  definition->negative_lookups = std::string{kOrders.first_byte(), kShipments.first_byte()};
  definition->types.Add(StreamType::Own<Order>(log::Topic::kSupplierTracking));
  definition->types.Add(StreamType::Own<Shipment>(log::Topic::kSupplierTracking));
  definition->types.Add(StreamType::Own<CarrierCodes>(log::Topic::kSupplierTracking));
  definition->types.Add(StreamType::Own<VendorDocument>(log::Topic::kSupplierTracking));
  definition->types.Add(StreamType::Foreign<intake::v1::CaseEvent>(log::Topic::kIntake, "case"));
  definition->types.LeaveUnread(log::Topic::kIntake, "matter");
  definition->types.Add(StreamType::Foreign<ownership::v1::OwnershipEvent>(log::Topic::kOwnership, "ownership"));
  definition->types.LeaveUnread(log::Topic::kOutageNotice, "component");
  definition->types.Add(StreamType::Foreign<outage::v1::NoticeEvent>(log::Topic::kOutageNotice, "notice"));
  ownership::FoldPeople(*definition);
  definition->projections.push_back(std::make_unique<OrderProjection>());
  definition->projections.push_back(std::make_unique<ShipmentProjection>());
  definition->projections.push_back(std::make_unique<MappedCodesProjection>());
  definition->projections.push_back(std::make_unique<VendorDocumentsProjection>());
  definition->projections.push_back(std::make_unique<CaseProjection>());
  definition->projections.push_back(std::make_unique<NoticeProjection>());
  definition->projections.push_back(std::make_unique<PartnerProjection>());
  definition->projections.push_back(std::make_unique<HistoryProjection>());
  definition->projections.push_back(std::make_unique<DetectorProjection>());
  definition->projections.push_back(std::make_unique<AssessmentProjection>());
  definition->reactors.push_back(std::make_unique<AnnounceShipments>());
  std::set<std::string> prove = absl::StrSplit(config.proof_carriers, absl::ByAnyChar(", "), absl::SkipEmpty());
  definition->reactors.push_back(
      std::make_unique<ObserveShipments>(config.leg_awaited_for, config.proof_awaited_for, std::move(prove),
                                         CollectionTimes{config.receipt_awaited_for, config.patience.unclaimed}));
  definition->reactors.push_back(std::make_unique<AddLegs>());
  definition->reactors.push_back(std::make_unique<RelieveOwners>(config.fallback_owner));
  definition->reactors.push_back(std::make_unique<RaiseShipmentConcerns>());
  auto timers = std::make_unique<Timers>();
  timers->Add(std::make_unique<PromisedTime>());
  timers->Add(std::make_unique<LookAtShipments>(config.patience));
  timers->Add(std::make_unique<AssessPromises>(config.risk_percent / 100.0));
  definition->timers = std::move(timers);
  definition->gauges.push_back(
      CounterGauge("throughline_orders_open", "Orders that are not completely delivered.", kOrdersOpen));
  definition->gauges.push_back(
      CounterGauge("throughline_orders_at_risk", "Open orders whose promise is at risk.", kOrdersAtRisk));
  definition->gauges.push_back(
      CounterGauge("throughline_carrier_events_quarantined", "Carriers' messages in quarantine.", kQuarantinedNow));
  definition->gauges.push_back(CounterGauge("throughline_vendor_documents_quarantined",
                                            "Vendors' documents in quarantine.", kVendorDocumentsNow));
  definition->labelled_gauges.push_back({"throughline_orders_with_concern",
                                         "Orders with which something is wrong, besides their promise.", "kind",
                                         OrdersWithConcern});
  definition->gauges.push_back(CounterGauge("throughline_lanes", "Lanes that we know transit times of.", kLanesKnown));
  definition->labelled_gauges.push_back({"throughline_partner_last_event_timestamp_seconds",
                                         "When a carrier or vendor last reported something new, as Unix time.",
                                         "partner", LastEvents});
  return definition;
}

std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config) {
  const auto live = std::make_shared<LiveCarriers>(streams, config.carrier_maps, config.limits);
  if (absl::Status status = live->Reload(); !status.ok()) {
    store::Fatal("cannot read the carriers' maps: " + std::string(status.message()));
  }
  live->Follow();
  const auto documents = std::make_shared<VendorDocuments>(streams, live, config.push_deadline);
  documents->Follow();
  documents->ReadAgain();
  auto api = std::make_unique<server::Api>("throughline.supplier.v1.SupplierTrackingService");
  ServeOrders(*api, streams, live, config.fallback_owner, config.reps_read, config.customer_contact);
  ServeOrderChanges(*api, streams);
  ServeOrderLinks(*api, streams, config.customer_contact);
  ServeCollection(*api, streams);
  ServeDeliveries(*api, streams);
  ServeSerials(*api, streams);
  ServeWatchOrder(*api, streams, config.reps_read, config.customer_contact);
  ServeShipments(*api, streams);
  ServeHistory(*api, streams);
  ServeQuarantine(*api, streams, live, documents);
  ServePushStatus(*api, streams, live, config);
  ServePushRaw(*api, streams, live, config);
  ServeVendorDocuments(*api, streams, documents, config);
  return api;
}

}  // namespace throughline::supplier
