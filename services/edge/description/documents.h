#pragma once

// What the edge serves of itself: the OpenAPI description of the calls (proto/openapi.json), and a page on which it is
// read and tried, with Swagger UI. All of it is embedded in the program.
//
//   if (documents.Handle(exchange)) return;   // GET or HEAD of /openapi.json, /docs, and what the page needs
//
// Any thread.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "services/edge/http/exchange.h"

namespace throughline::edge {

class Documents {
 public:
  static constexpr char kRoute[] = "document";  // a label of the metrics

  Documents();

  // False: the path is none of these; the exchange is as it was.
  bool Handle(const std::shared_ptr<http::Exchange>& exchange) const;

 private:
  struct Document {
    const char* type;
    std::string_view gzipped;
    std::string etag;
  };
  static http::Response ResponseTo(const http::Request& request, const Document& document);

  std::map<std::string, Document, std::less<>> documents_;  // by path
};

}  // namespace throughline::edge
