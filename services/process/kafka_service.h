#pragma once

// Runs one service on Kafka until it is told to stop: what the main of each service ends with.

#include "services/process/settings/service_config.h"

namespace throughline::process {

// Opens the log, starts the service, says where it is to be found, and "ready" once it has caught up. Answers the exit
// code, as RunUntilStopped. Before any thread.
int RunOnKafka(const ServiceConfig& config, Service service);

}  // namespace throughline::process
