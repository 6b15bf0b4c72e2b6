#pragma once

// The reference servers for Throughline over gRPC: bare callback services without identity, log or fold.
//
//   OpenCase           answers at once, with a response of the usual size
//   PushStatusEvents   answers each message at once, with a response of the usual size
//   TraceOrder         scans the order's timeline in a copy of the RocksDB store, row by row into the response

#include <string>

namespace throughline::bench {

// Serves on a free loopback port until SIGTERM; prints `reference: host:port`, then "ready". `store`: the directory of
// the supplier-tracking store to scan; empty: no TraceOrder. Returns the exit code.
int ServeReference(const std::string& store);

}  // namespace throughline::bench
