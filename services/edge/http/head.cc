#include "services/edge/http/head.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace throughline::edge::http {
namespace {

HeadScan Bad(const char* why) { return {.state = HeadScan::State::kBad, .why = why}; }

const char* CheckLine(std::string_view line) {
  if (line.find('\r') != std::string_view::npos) return "a carriage return without a line feed";
  if (line.find('\0') != std::string_view::npos) return "a NUL in the head";
  return nullptr;
}

const char* CheckHeader(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return "a folded header line";
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return "a header line without a name and a colon";
  }
  return nullptr;
}

}  // namespace

HeadScan ScanHead(std::string_view received) {
  size_t begin = 0;
  for (bool request_line = true;; request_line = false) {
    const size_t end = received.find('\n', begin);
    if (end == std::string_view::npos) return {};
    if (end == begin || received[end - 1] != '\r') return Bad("a line that ends without a carriage return");
    const std::string_view line = received.substr(begin, end - 1 - begin);
    begin = end + 1;
    if (const char* why = CheckLine(line)) return Bad(why);
    if (line.empty()) {
      if (request_line) return Bad("an empty request line");
      return {.state = HeadScan::State::kComplete, .bytes = begin};
    }
    if (const char* why = request_line ? nullptr : CheckHeader(line)) return Bad(why);
  }
}

const char* CheckFraming(const Headers& headers, bool http_1_0) {
  const std::string* length = headers.Find("content-length");
  const std::string* coding = headers.Find("transfer-encoding");
  if (length != nullptr && coding != nullptr) return "both Content-Length and Transfer-Encoding";
  if (headers.Count("content-length") > 1) return "more than one Content-Length";
  if (headers.Count("transfer-encoding") > 1) return "more than one Transfer-Encoding";
  if (length != nullptr &&
      (length->empty() || length->size() > 18 ||
       !std::all_of(length->begin(), length->end(), [](unsigned char c) { return absl::ascii_isdigit(c); }))) {
    return "a Content-Length that is not a number";
  }
  if (coding != nullptr && http_1_0) return "Transfer-Encoding in HTTP/1.0";
  if (coding != nullptr && !absl::EqualsIgnoreCase(*coding, "chunked")) return "a Transfer-Encoding other than chunked";
  if (const int hosts = headers.Count("host"); hosts > 1 || (hosts == 0 && !http_1_0)) {
    return "not exactly one Host";
  }
  return nullptr;
}

}  // namespace throughline::edge::http
