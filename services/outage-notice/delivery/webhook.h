#pragma once

// Calls of webhooks as Standard Webhooks (specification 1.0.0) describes them: `webhook-id`, the same at each attempt;
// `webhook-timestamp`, of the attempt; `webhook-signature`, one `v1,…` for each secret that holds.
//
// Pure functions; any thread.

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::outage {

// The headers of a call with this body. `secrets`: bytes, at least one.
std::vector<std::pair<std::string, std::string>> SignWebhook(const std::string& id, absl::Time at,
                                                             const std::string& body,
                                                             const std::vector<std::string>& secrets);

// The body: protobuf's JSON.
std::string WebhookBody(const v1::WebhookMessage& message);

}  // namespace throughline::outage
