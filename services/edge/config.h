#pragma once

// The settings of the edge. Their names, defaults and limits stand only here; README.md has a table.
//
//   Config config;
//   process::Settings settings(config.run.program, "...");
//   config.Declare(settings);
//   if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
//
// One thread.

#include <string>

#include "services/edge/edge.h"
#include "services/process/run.h"
#include "services/process/settings/settings.h"

namespace throughline::edge {

struct Config {
  Config();

  // The object must outlive the settings. After Settings::Read everything below is filled in.
  void Declare(process::Settings& settings);

  Edge::Options edge;
  process::RunOptions run;

 private:
  void DeclareLimits(process::Settings& settings);
  void Complete(const process::Settings::Complain& complain);
  void CheckPublicPages(const process::Settings::Complain& complain) const;
  void ReadOrigins(const process::Settings::Complain& complain);

  bool insecure_ = false;
  std::string origins_;
  server::TlsOptions tls_;
};

}  // namespace throughline::edge
