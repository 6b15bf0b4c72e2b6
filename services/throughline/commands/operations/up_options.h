#pragma once

// What the options of `throughline up` are made of, and its groups of options that stand in files of their own.

#include <functional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "services/outage-notice/delivery/config.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline::tool {

// A period within limits; `period` holds the default. 0 only where `least` is 0.
void AddPeriod(CLI::App& up, const std::string& name, absl::Duration& period, absl::Duration least, absl::Duration most,
               const std::string& description);

// How orders and shipments are watched, as the settings of supplier-tracking's program. `rules` must outlive `up`.
void AddWatching(CLI::App& up, supplier::Config& rules);

// `delivery` must outlive `up`. What is returned completes and checks it, once the command line is read.
std::function<absl::Status()> AddDelivery(CLI::App& up, outage::DeliveryConfig& delivery);

}  // namespace throughline::tool
