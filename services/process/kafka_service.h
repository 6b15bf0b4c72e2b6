#pragma once

// Runs one service on Kafka until it is stopped. The main of each service ends with this call.

#include <functional>

#include "services/process/settings/service_config.h"

namespace throughline::process {

using MakeService = std::function<Service()>;

// Opens the log, starts the service, prints its addresses, and prints "ready" once it has caught up. Returns the exit
// code, as RunUntilStopped does. Call it before any thread is started.
int RunOnKafka(const ServiceConfig& config, const MakeService& make);

}  // namespace throughline::process
