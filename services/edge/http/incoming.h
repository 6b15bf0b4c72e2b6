#pragma once

// A request while it is read. Internal to the connection's sources: Beast takes long to compile. One thread.

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "services/edge/http/connection.h"

namespace throughline::edge::http {

namespace beast_http = boost::beast::http;

inline constexpr size_t kMaxReceived = 64 << 10;  // buffered before Serve takes it

struct Connection::Incoming {
  beast_http::request_parser<beast_http::buffer_body> parser;
  Request request;
  size_t body_bytes = 0;  // at most
  bool http_1_0 = false;
  bool keep = false;
};

class Connection::Holding {
 public:
  explicit Holding(Core& core) : core_(core) {}
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;
  ~Holding() {
    if (begun_) core_.requests.fetch_sub(1);
    core_.bodies_bytes.fetch_sub(bytes_);
  }
  bool Begin() {
    begun_ = true;
    return core_.requests.fetch_add(1) < core_.limits.requests;
  }
  bool Grow(size_t bytes) {
    bytes_ += bytes;
    return core_.bodies_bytes.fetch_add(bytes) + bytes <= core_.limits.bodies_bytes;
  }

 private:
  Core& core_;
  bool begun_ = false;
  size_t bytes_ = 0;
};

}  // namespace throughline::edge::http
