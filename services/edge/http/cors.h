#pragma once

// Lets the pages of named origins call (Fetch standard, "CORS protocol"). Without origins, browsers keep the pages of
// all other origins out, and nothing here does anything.
//
//   const Cors cors({"https://shop.example"});
//   exchange = cors.Admit(std::move(exchange));     // null: it was a preflight, and is answered
//
// Cookies are never used, so credentials in their sense are not allowed; `Authorization` is a header that a page sets.
//
// Any thread.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/edge/http/exchange.h"

namespace throughline::edge::http {

class Cors {
 public:
  static constexpr char kRoute[] = "preflight";  // a label of the metrics

  explicit Cors(const std::vector<std::string>& origins) : origins_(origins.begin(), origins.end()) {}

  // The exchange to go on with: its answer says that the page may read it.
  std::shared_ptr<Exchange> Admit(std::shared_ptr<Exchange> exchange) const;

 private:
  const std::set<std::string> origins_;
};

// Whether it is written as browsers write an origin: `https://shop.example`, `http://localhost:3000`. No wildcard.
bool IsOrigin(const std::string& text);

}  // namespace throughline::edge::http
