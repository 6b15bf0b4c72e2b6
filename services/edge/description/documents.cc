#include "services/edge/description/documents.h"

#include "services/edge/description/embedded.h"

namespace throughline::edge {
namespace {

// Swagger UI sets styles on elements, and draws with SVG in data URLs. A call that is tried goes to this edge.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace

Documents::Documents() {
  const auto add = [this](const char* path, const char* type, std::string_view gzipped) {
    documents_.emplace(path, pages::Document::OfGzipped(type, gzipped));
  };
  add("/openapi.json", "application/json", embedded::OpenApi());
  add("/docs", "text/html; charset=utf-8", embedded::Page());
  add("/docs/start.js", "text/javascript; charset=utf-8", embedded::Start());
  add("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", embedded::Viewer());
  add("/docs/swagger-ui.css", "text/css; charset=utf-8", embedded::ViewerStyle());
  // The viewer's first line names it.
  add("/docs/swagger-ui-bundle.js.LICENSE.txt", "text/plain; charset=utf-8", embedded::ViewerLicense());
}

bool Documents::Handle(const std::shared_ptr<http::Exchange>& exchange) const {
  const auto found = documents_.find(exchange->request().path);
  if (found == documents_.end()) return false;
  exchange->SetRoute(kRoute);
  if (!pages::IsReading(*exchange)) return true;
  http::Headers headers;
  headers.Add("cache-control", "no-cache");
  headers.Add("content-security-policy", kPolicy);
  headers.Add("referrer-policy", "no-referrer");
  exchange->Answer(pages::Respond(exchange->request(), *found->second, std::move(headers)));
  return true;
}

}  // namespace throughline::edge
