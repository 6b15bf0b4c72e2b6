#include "services/edge/webhooks/probe.h"

namespace throughline::edge {

WebhookProbe::WebhookProbe(prometheus::Registry& registry)
    : pushes_(prometheus::BuildCounter()
                  .Name("throughline_webhooks_total")
                  .Help("Pushes of carriers, by carrier and outcome: durable, quarantined, refused, unsigned, stale, "
                        "unavailable, misconfigured.")
                  .Register(registry)) {}

}  // namespace throughline::edge
