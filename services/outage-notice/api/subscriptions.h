#pragma once

// Who hears what customers are told: Subscribe, ConfirmSubscription, Leave, RotateWebhookSecret, the lists, and
// GetNoticeFeed.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/outage-notice/outage_notice.h"

namespace throughline::outage {

// `streams` must outlive `api`.
void ServeSubscriptions(server::Api& api, runtime::Streams& streams, const Config& config);

}  // namespace throughline::outage
