#pragma once

// The settings of outage-notice about subscribers: `subscribers.*`, `smtp.*`, `webhooks.*`.
//
//   DeclareDelivery(settings, rules.delivery);

#include "services/outage-notice/delivery/config.h"
#include "services/process/settings/settings.h"

namespace throughline::outage {

// Read fills `delivery`, which must outlive it.
void DeclareDelivery(process::Settings& settings, DeliveryConfig& delivery);

}  // namespace throughline::outage
