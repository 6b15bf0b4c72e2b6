#include "services/throughline/layouts.h"

#include "services/intake/intake.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/ownership.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline {

std::string LayoutOf(log::Topic service) {
  switch (service) {
    case log::Topic::kIntake:
      return runtime::StoreLayout(*intake::Define({}));
    case log::Topic::kOwnership:
      return runtime::StoreLayout(*ownership::Define({}));
    case log::Topic::kOutageNotice:
      return runtime::StoreLayout(*outage::Define({}));
    case log::Topic::kSupplierTracking:
      return runtime::StoreLayout(*supplier::Define({}));
  }
  return "";
}

const runtime::StreamTypes& AllStreamTypes() {
  // It folds all topics, so it knows all kinds.
  static const runtime::Definition& definition = *supplier::Define({}).release();
  return definition.types;
}

}  // namespace throughline
