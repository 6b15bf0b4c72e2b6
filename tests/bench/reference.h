#pragma once

// What Throughline is measured against, over gRPC: bare callback services without identity, log or fold.
//
//   OpenCase           answers at once, with a response of the usual size
//   PushStatusEvents   answers each message at once, with an answer of the usual size
//   TraceOrder         a prefix scan of the order's timeline in a copy of RocksDB, row by row into the response

#include <string>

namespace throughline::bench {

// Serves on a free loopback port until SIGTERM; says `reference: host:port`, then "ready". `store`: the directory of
// the supplier-tracking store to scan; empty: no TraceOrder. Answers the exit code.
int ServeReference(const std::string& store);

}  // namespace throughline::bench
