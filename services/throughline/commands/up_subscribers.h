#pragma once

// The options of `throughline up` about subscribers.

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"

#include "services/outage-notice/delivery/config.h"

namespace throughline::tool {

// `delivery` must outlive `up`. What is returned completes and checks it, once the command line is read.
std::function<absl::Status()> AddDelivery(CLI::App& up, outage::DeliveryConfig& delivery);

}  // namespace throughline::tool
