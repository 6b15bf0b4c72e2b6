// How a connection reads a request.

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "services/edge/http/head.h"
#include "services/edge/http/incoming.h"

namespace throughline::edge::http {
namespace {

size_t BodyLimit(const Limits& limits, const std::string& path) {
  for (const auto& [prefix, bytes] : limits.body_bytes_below) {
    if (absl::StartsWith(path, prefix)) return bytes;
  }
  return limits.body_bytes;
}

size_t LargestBody(const Limits& limits) {
  size_t largest = limits.body_bytes;
  for (const auto& [prefix, bytes] : limits.body_bytes_below) largest = std::max(largest, bytes);
  return largest;
}

}  // namespace

asio::awaitable<bool> Connection::ReadHead(Incoming& incoming) {
  const Limits& limits = core_->limits;
  Clock::time_point until = In(served_ == 0 ? limits.head_time : limits.idle_time);
  bool begun = false, skipped = false;
  for (bool in_time = true;; in_time = co_await changed_.Wait(until)) {
    // An empty line before a request is allowed (RFC 9112, 2.2).
    if (!skipped && received_.size() >= 2 && received_.compare(0, 2, "\r\n") == 0) {
      skipped = true;
      Consume(2);
    }
    const HeadScan scan = ScanHead({received_.data(), std::min(received_.size(), limits.head_bytes)});
    if (scan.state == HeadScan::State::kBad) {
      co_await Answer(400, "malformed", absl::StrCat("the request is malformed: ", scan.why));
      co_return false;
    }
    if (scan.state == HeadScan::State::kComplete) co_return co_await ParseHead(incoming, scan.bytes);
    if (received_.size() >= limits.head_bytes) {
      co_await Answer(431, "head_size",
                      absl::StrCat("the request line and headers have more than ", limits.head_bytes, " bytes"));
      co_return false;
    }
    lingers_ = begun;  // a silent client gets no answer that could be lost
    if (over_ || (received_.empty() && core_->draining.load())) co_return false;
    if (!in_time) {
      if (begun) co_await Answer(408, "head_time", "the request's head did not arrive in time");
      co_return false;
    }
    if (!begun && !received_.empty()) {
      begun = true;
      until = In(limits.head_time);
    }
  }
}

asio::awaitable<bool> Connection::ParseHead(Incoming& incoming, size_t bytes) {
  auto& parser = incoming.parser;
  parser.header_limit(static_cast<uint32_t>(core_->limits.head_bytes));
  parser.body_limit(LargestBody(core_->limits));
  ErrorCode error;
  parser.put(asio::buffer(received_.data(), bytes), error);
  if (error == beast_http::error::body_limit) {
    co_await Answer(413, "body_size", absl::StrCat("the body has more than ", LargestBody(core_->limits), " bytes"));
    co_return false;
  }
  // A length that a 64-bit number does not hold is found by the parser.
  if (error || !parser.is_header_done()) {
    co_await Answer(400, "malformed", absl::StrCat("the request is malformed: ", error.message()));
    co_return false;
  }
  Consume(bytes);
  const auto& message = parser.get();
  Request& request = incoming.request;
  for (const auto& field : message) {
    request.headers.Add(std::string(field.name_string()), std::string(field.value()));
  }
  incoming.http_1_0 = message.version() == 10;
  const char* wrong = CheckFraming(request.headers, incoming.http_1_0);
  request.method = std::string(message.method_string());
  std::string_view target(message.target().data(), message.target().size());
  // The absolute form, which a client uses with a proxy (RFC 9112, 3.2.2).
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.substr(0, scheme.size()) == scheme) {
      target.remove_prefix(std::min(target.find('/', scheme.size()), target.size()));
      if (target.empty()) target = "/";
    }
  }
  if (wrong == nullptr && target.front() != '/') wrong = "a target that is not a path";
  if (wrong != nullptr) {
    co_await Answer(400, "malformed", absl::StrCat("the request is malformed: ", wrong));
    co_return false;
  }
  const size_t mark = std::min(target.find('?'), target.size());
  request.path = std::string(target.substr(0, mark));
  request.query = std::string(target.substr(std::min(mark + 1, target.size())));
  incoming.keep = message.keep_alive();
  incoming.body_bytes = BodyLimit(core_->limits, request.path);
  if (parser.content_length().value_or(0) > incoming.body_bytes) {
    co_await Answer(413, "body_size", absl::StrCat("the body has more than ", incoming.body_bytes, " bytes"));
    co_return false;
  }
  parser.body_limit(incoming.body_bytes);  // of a body in chunks
  co_return true;
}

asio::awaitable<bool> Connection::ReadBody(Incoming& incoming, Holding& holding) {
  auto& parser = incoming.parser;
  std::string& body = incoming.request.body;
  if (const std::string* expect = incoming.request.headers.Find("expect"); expect != nullptr && !parser.is_done()) {
    if (!absl::EqualsIgnoreCase(*expect, "100-continue")) {
      co_await Answer(417, "malformed", "the only expectation that is met here is 100-continue");
      co_return false;
    }
    if (received_.empty() && !co_await Write("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
  }
  const Clock::time_point until = In(core_->limits.body_time);
  parser.eager(true);
  std::unique_ptr<std::array<char, 16384>> buffer;
  size_t seen = 0;  // received, but too little for the parser: the beginning of a chunk's size
  while (!parser.is_done()) {
    if (received_.size() <= seen && !co_await MoreThan(seen, until)) {
      if (!over_) co_await Answer(408, "body_time", "the request's body did not arrive in time");
      co_return false;
    }
    if (buffer == nullptr) buffer = std::make_unique<std::array<char, 16384>>();
    auto& into = parser.get().body();
    into.data = buffer->data();
    into.size = buffer->size();
    into.more = true;
    ErrorCode error;
    const size_t used = parser.put(asio::buffer(received_), error);
    const size_t got = buffer->size() - into.size;
    body.append(buffer->data(), got);
    Consume(used);
    seen = error == beast_http::error::need_more ? received_.size() : 0;
    if (seen >= kMaxReceived) {
      co_await Answer(400, "malformed", "the body is malformed: a chunk's size is too long");
      co_return false;
    }
    if (error == beast_http::error::body_limit) {
      co_await Answer(413, "body_size", absl::StrCat("the body has more than ", incoming.body_bytes, " bytes"));
      co_return false;
    }
    if (error && error != beast_http::error::need_more && error != beast_http::error::need_buffer) {
      co_await Answer(400, "malformed", absl::StrCat("the body is malformed: ", error.message()));
      co_return false;
    }
    if (!holding.Grow(got)) {
      co_await Answer(503, "bodies", "too many large requests at the same time: try again in a moment");
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<bool> Connection::MoreThan(size_t have, Clock::time_point until) {
  for (bool in_time = true; received_.size() <= have && !over_ && in_time;) in_time = co_await changed_.Wait(until);
  co_return received_.size() > have;
}

}  // namespace throughline::edge::http
