#include "services/throughline/layouts.h"

#include "services/intake/intake.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/ownership.h"
#include "services/supplier-tracking/supplier_tracking.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/improvement.pb.h"
#include "throughline/intake/v1/matter.pb.h"
#include "throughline/intake/v1/suggestion.pb.h"
#include "throughline/outage/v1/component.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/outage/v1/subscriber.pb.h"
#include "throughline/ownership/v1/authority.pb.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/person.pb.h"
#include "throughline/supplier/v1/carrier_codes.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/shipment.pb.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline {

std::unique_ptr<runtime::Definition> DefinitionOf(log::Topic service) {
  switch (service) {
    case log::Topic::kIntake:
      return intake::Define({});
    case log::Topic::kOwnership:
      return ownership::Define({});
    case log::Topic::kOutageNotice:
      return outage::Define({});
    case log::Topic::kSupplierTracking:
      return supplier::Define({});
  }
  return nullptr;
}

std::string LayoutOf(log::Topic service) { return runtime::StoreLayout(*DefinitionOf(service)); }

const runtime::StreamTypes& AllStreamTypes() {
  using log::Topic;
  using runtime::StreamType;
  static const runtime::StreamTypes& types = *[] {
    auto* all = new runtime::StreamTypes();
    all->Add(StreamType::Foreign<intake::v1::CaseEvent>(Topic::kIntake, "case"));
    all->Add(StreamType::Foreign<intake::v1::ImprovementEvent>(Topic::kIntake, "improvement"));
    all->Add(StreamType::Foreign<intake::v1::MatterEvent>(Topic::kIntake, "matter"));
    all->Add(StreamType::Foreign<intake::v1::SuggestionEvent>(Topic::kIntake, "suggestion"));
    all->Add(StreamType::Foreign<ownership::v1::AuthorityEvent>(Topic::kOwnership, "authority"));
    all->Add(StreamType::Foreign<ownership::v1::AvailabilityEvent>(Topic::kOwnership, "availability"));
    all->Add(StreamType::Foreign<ownership::v1::OwnershipEvent>(Topic::kOwnership, "ownership"));
    all->Add(StreamType::Foreign<ownership::v1::PersonEvent>(Topic::kOwnership, "person"));
    all->Add(StreamType::Foreign<outage::v1::ComponentEvent>(Topic::kOutageNotice, "component"));
    all->Add(StreamType::Foreign<outage::v1::NoticeEvent>(Topic::kOutageNotice, "notice"));
    all->Add(StreamType::Foreign<outage::v1::SubscriberEvent>(Topic::kOutageNotice, "subscriber"));
    all->Add(StreamType::Foreign<supplier::v1::CarrierCodesEvent>(Topic::kSupplierTracking, "carrier-codes"));
    all->Add(StreamType::Foreign<supplier::v1::OrderEvent>(Topic::kSupplierTracking, "order"));
    all->Add(StreamType::Foreign<supplier::v1::ShipmentEvent>(Topic::kSupplierTracking, "shipment"));
    all->Add(StreamType::Foreign<supplier::v1::VendorDocumentEvent>(Topic::kSupplierTracking, "vendor-document"));
    return all;
  }();
  return types;
}

}  // namespace throughline
