#include "services/throughline/layouts.h"

#include "services/intake/intake.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/ownership.h"
#include "services/supplier-tracking/supplier_tracking.h"

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
  // It folds all topics, so it knows all kinds.
  static const runtime::Definition& definition = *supplier::Define({}).release();
  return definition.types;
}

}  // namespace throughline
