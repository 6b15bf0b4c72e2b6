#pragma once

// Mail by SMTP and calls of webhooks, by libcurl. Each object keeps its connections; one thread at a time.
//
// SMTP (RFC 5321): EHLO, STARTTLS or TLS from the start, AUTH as the server offers it. What the server refuses for
// good, 5xx, is refused; 4xx, a refused login and everything about the connection has failed and may be tried again. If
// the connection breaks between the end of the message and the server's answer, it is not known whether it was taken.
//
// Another password, or other authorities, than before count for the next message: it goes over a connection of its own.
//
// Webhooks: 2xx is taken, 410 is gone for ever, everything else has failed. Redirects are not followed, proxies not
// used, and the target is judged by the address that is connected to, so a name that is resolved anew cannot lead
// elsewhere (DNS rebinding).

#include <atomic>
#include <memory>

#include "absl/time/clock.h"

#include "services/outage-notice/delivery/config.h"
#include "services/outage-notice/delivery/transport.h"

namespace throughline::outage {

// When everything that is under way is given up.
class GiveUp {
 public:
  void At(absl::Time time) { at_.store(absl::ToUnixMicros(time)); }
  bool Now() const { return absl::ToUnixMicros(absl::Now()) >= at_.load(); }

 private:
  std::atomic<int64_t> at_{std::numeric_limits<int64_t>::max()};
};

// `give_up` must outlive what is returned.
std::unique_ptr<Transport> MakeSmtp(const SmtpConfig& config, absl::Duration timeout, const GiveUp& give_up);
std::unique_ptr<Transport> MakeWebhookCaller(const WebhookConfig& config, absl::Duration timeout,
                                             const GiveUp& give_up);

}  // namespace throughline::outage
