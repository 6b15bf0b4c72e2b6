#pragma once

// The message of the first delivery that waits for a subscriber. A retry gives the same bytes, but for the time of the
// attempt in the headers of a webhook, and for the tokens and signatures if the keys were rotated meanwhile.
//
// Pure functions; any thread.

#include <string>

#include "absl/status/statusor.h"

#include "services/outage-notice/delivery/config.h"
#include "services/outage-notice/delivery/transport.h"

namespace throughline::outage {

// `told`: what the delivery tells, of an update; else null. FAILED_PRECONDITION: it is not to be sent any more.
absl::StatusOr<OutgoingMessage> Prepare(const DeliveryConfig& config, const std::string& subscriber_id,
                                        const v1::SubscriberState& state, const v1::NoticeUpdateMessage* told,
                                        absl::Time now);

}  // namespace throughline::outage
