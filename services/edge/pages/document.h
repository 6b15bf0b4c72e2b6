#pragma once

// What is sent to many as it is: a page, a description, a feed, a picture. It is compressed once, has a tag, and is not
// sent again to who has it.
//
//   const Document page("text/html; charset=utf-8", html);
//   exchange.Answer(Respond(exchange.request(), page, std::move(headers)));
//
// Any thread.

#include <memory>
#include <string>
#include <string_view>

#include "absl/base/call_once.h"

#include "services/edge/http/exchange.h"

namespace throughline::edge::pages {

class Document {
 public:
  Document(std::string type, std::string body);
  // `gzipped`: it is compressed already.
  static std::shared_ptr<const Document> OfGzipped(std::string type, std::string_view gzipped);

  const std::string& type() const { return type_; }
  const std::string& body() const { return body_; }
  const std::string& gzipped() const;
  // With its quotes; of what it says, whether compressed or not.
  const std::string& etag() const { return etag_; }

 private:
  const std::string type_, body_, etag_;
  mutable absl::once_flag compressed_;
  mutable std::string gzipped_;
};

// True: GET or HEAD. False: it was refused with 405.
bool IsReading(http::Exchange& exchange);

// 200, or 304 if the client has it (If-None-Match). Compressed if the client takes it and it pays. `headers` are sent
// with both. To HEAD the server sends no body.
http::Response Respond(const http::Request& request, const Document& document, http::Headers headers);

}  // namespace throughline::edge::pages
