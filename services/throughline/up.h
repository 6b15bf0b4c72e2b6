#pragma once

// `throughline up`: runs the suite, and the edge before it, in the foreground until SIGINT or SIGTERM.

#include "libs/server/operations/logging.h"
#include "services/edge/edge.h"
#include "services/throughline/suite.h"

namespace throughline {

struct UpOptions {
  Suite::Options suite;
  int http_port = -1;                // of the edge, on the suite's host; 0: any free one; -1: none
  std::vector<std::string> origins;  // as of Edge::Options
  bool public_pages = true;          // of the notices, if there is HTTP
  edge::notices::SiteOptions public_site;
  std::string webhooks;  // the file of endpoints; empty: none
  server::LogOptions log;
  absl::Duration grace = absl::Seconds(10);
};

// Prints the address and how to begin, then "ready" on a line of its own once all services are ready. Returns the exit
// code: 0 stopped and drained, 1 could not start, 70 (EX_SOFTWARE) could not continue.
int RunUp(UpOptions options);

}  // namespace throughline
