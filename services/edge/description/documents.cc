#include "services/edge/description/documents.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "services/edge/connect/gzip.h"
#include "services/edge/connect/headers.h"
#include "services/edge/description/embedded.h"

namespace throughline::edge {
namespace {

constexpr size_t kMostUnpacked = 16 << 20;

// Swagger UI sets styles on elements, and draws with SVG in data URLs. A call that is tried goes to this edge.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace

Documents::Documents() {
  const auto add = [this](const char* path, const char* type, std::string_view gzipped) {
    const std::string digest = crypto::Sha256(gzipped).substr(0, 12);
    documents_.emplace(path, Document{type, gzipped, absl::StrCat("\"", absl::BytesToHexString(digest), "\"")});
  };
  add("/openapi.json", "application/json", embedded::OpenApi());
  add("/docs", "text/html; charset=utf-8", embedded::Page());
  add("/docs/start.js", "text/javascript; charset=utf-8", embedded::Start());
  add("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", embedded::Viewer());
  add("/docs/swagger-ui.css", "text/css; charset=utf-8", embedded::ViewerStyle());
  // The viewer's first line names it.
  add("/docs/swagger-ui-bundle.js.LICENSE.txt", "text/plain; charset=utf-8", embedded::ViewerLicense());
}

http::Response Documents::ResponseTo(const http::Request& request, const Document& document) {
  http::Response response;
  // The compressed and the plain form are one document to caches that ask again.
  response.headers.Add("etag", absl::StrCat("W/", document.etag));
  response.headers.Add("cache-control", "no-cache");
  response.headers.Add("vary", "accept-encoding");
  const std::string* known = request.headers.Find("if-none-match");
  if (known != nullptr && (*known == "*" || absl::StrContains(*known, document.etag))) {
    response.status = 304;
    return response;
  }
  response.headers.Add("content-type", document.type);
  response.headers.Add("content-security-policy", kPolicy);
  response.headers.Add("referrer-policy", "no-referrer");
  const std::string* accepted = request.headers.Find("accept-encoding");
  if (accepted != nullptr && connect::Accepts(*accepted, "gzip")) {
    response.headers.Add("content-encoding", "gzip");
    response.body = document.gzipped;
  } else {
    response.body = *connect::Decompress(document.gzipped, kMostUnpacked);
  }
  return response;
}

bool Documents::Handle(const std::shared_ptr<http::Exchange>& exchange) const {
  const auto found = documents_.find(exchange->request().path);
  if (found == documents_.end()) return false;
  exchange->SetRoute(kRoute);
  const std::string& method = exchange->request().method;
  if (method == "GET" || method == "HEAD") {
    exchange->Answer(ResponseTo(exchange->request(), found->second));
  } else {
    http::Response refusal{.status = 405, .body = R"({"code":"unknown","message":"use GET"})"};
    refusal.headers.Add("allow", "GET, HEAD");
    refusal.headers.Add("content-type", "application/json");
    exchange->Answer(std::move(refusal));
  }
  return true;
}

}  // namespace throughline::edge
