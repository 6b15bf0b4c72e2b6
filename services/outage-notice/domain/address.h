#pragma once

// Addresses at which a subscriber hears.
//
// Pure functions; any thread.

#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "throughline/outage/v1/subscriber.pb.h"

namespace throughline::outage {

// A mailbox of RFC 5321 without quoted parts and without address literals: `dot-atom@domain`, all ASCII, at most 254
// bytes, and 64 before the `@`.
bool IsMailAddress(std::string_view text);

// `https://host[:port][/path][?query]`, or `http://`: visible ASCII, without user, password and fragment.
bool IsWebhookUrl(std::string_view text);

// INVALID_ARGUMENT of the field `address`, or `channel`.
absl::Status CheckAddress(v1::SubscriberChannel channel, const std::string& address);

// The same text for what is the same address: in lower case, of a URL only up to the path.
std::string SameAddress(v1::SubscriberChannel channel, std::string_view address);

// What stands after the `@`.
std::string DomainOf(std::string_view mail_address);

}  // namespace throughline::outage
