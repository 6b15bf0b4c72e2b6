#pragma once

// The settings of a service on Kafka. Their names, defaults and limits stand only here; README.md has a table.
//
//   ServiceConfig config(log::Topic::kIntake);
//   Settings settings(config.program(), "...");
//   config.Declare(settings);
//   if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
//
// One thread.

#include <string>

#include "libs/log/kafka/kafka_log.h"
#include "services/process/process.h"
#include "services/process/run.h"
#include "services/process/settings/settings.h"

namespace throughline::process {

struct ServiceConfig {
  explicit ServiceConfig(log::Topic service);

  // The object must outlive the settings. After Settings::Read everything below is filled in.
  void Declare(Settings& settings);
  std::string program() const { return "throughline-" + std::string(log::ServiceName(service)); }

  log::Topic service;
  Process::Options process;
  log::KafkaLog::Options kafka;
  RunOptions run;

 private:
  void DeclareReplica(Settings& settings);
  void DeclareSecurity(Settings& settings);
  void DeclareKafka(Settings& settings);
  void DeclareLimits(Settings& settings);
  void Complete(const Settings::Complain& complain);
  void CompleteSecurity(const Settings::Complain& complain);
  void CompleteKafka(const Settings::Complain& complain);

  server::TlsOptions tls_;
  std::string jwt_roles_;
  std::string kafka_config_;
  log::KafkaSettings kafka_client_;
  size_t record_bytes_ = size_t{1} << 20;
};

}  // namespace throughline::process
