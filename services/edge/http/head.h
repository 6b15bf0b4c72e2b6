#pragma once

// Finds the end of a request's head, and refuses what servers and proxies read in different ways: then one could be
// made to see a request where the other sees a body (request smuggling). The parser behind this is more lenient.
//
// Pure; safe from any thread.

#include <cstddef>
#include <string_view>

#include "services/edge/http/message.h"

namespace throughline::edge::http {

struct HeadScan {
  enum class State { kMore, kComplete, kBad };
  State state = State::kMore;
  size_t bytes = 0;           // of the head, with the empty line, if it is complete
  const char* why = nullptr;  // if it is bad
};

// Looks at what has come so far. Bad: a line that ends with LF alone, a CR without LF, a NUL, a folded line, white
// space before a header's colon, a header without a name.
HeadScan ScanHead(std::string_view received);

// How a head tells where its body ends. Bad (`why`): both Content-Length and Transfer-Encoding, one of them twice, a
// length that is not a number, a coding other than `chunked`, a missing or second Host, Transfer-Encoding in HTTP/1.0.
// Null: it is well.
const char* CheckFraming(const Headers& headers, bool http_1_0);

}  // namespace throughline::edge::http
