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

#include "services/edge/http/exchange.h"
#include "services/edge/pages/document.h"

namespace throughline::edge {

class Documents {
 public:
  static constexpr char kRoute[] = "document";  // a label of the metrics

  Documents();

  // False: the path is none of these; the exchange is as it was.
  bool Handle(const std::shared_ptr<http::Exchange>& exchange) const;

 private:
  std::map<std::string, std::shared_ptr<const pages::Document>, std::less<>> documents_;  // by path
};

}  // namespace throughline::edge
