#include "services/edge/pages/document.h"

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "services/edge/connect/gzip.h"
#include "services/edge/connect/headers.h"

namespace throughline::edge::pages {
namespace {

constexpr size_t kCompressFrom = 512;
constexpr size_t kMostUnpacked = 16 << 20;

std::string EtagOf(std::string_view body) {
  return absl::StrCat("\"", absl::BytesToHexString(crypto::Sha256(body).substr(0, 12)), "\"");
}

}  // namespace

Document::Document(std::string type, std::string body)
    : type_(std::move(type)), body_(std::move(body)), etag_(EtagOf(body_)) {}

std::shared_ptr<const Document> Document::OfGzipped(std::string type, std::string_view gzipped) {
  auto body = connect::Decompress(gzipped, kMostUnpacked);
  if (!body.ok()) std::abort();  // the program was built with something else
  auto document = std::make_shared<Document>(std::move(type), *std::move(body));
  absl::call_once(document->compressed_, [&] { document->gzipped_ = gzipped; });
  return document;
}

const std::string& Document::gzipped() const {
  absl::call_once(compressed_, [this] { gzipped_ = connect::Compress(body_); });
  return gzipped_;
}

bool IsReading(http::Exchange& exchange) {
  const std::string& method = exchange.request().method;
  if (method == "GET" || method == "HEAD") return true;
  http::Response refusal{.status = 405, .body = R"({"code":"unknown","message":"use GET"})"};
  refusal.headers.Add("allow", "GET, HEAD");
  refusal.headers.Add("content-type", "application/json");
  exchange.Answer(std::move(refusal));
  return false;
}

http::Response Respond(const http::Request& request, const Document& document, http::Headers headers) {
  http::Response response{.headers = std::move(headers)};
  // The compressed and the plain form are one document to caches that ask again.
  response.headers.Add("etag", absl::StrCat("W/", document.etag()));
  response.headers.Add("vary", "accept-encoding");
  const std::string* known = request.headers.Find("if-none-match");
  if (known != nullptr && (*known == "*" || absl::StrContains(*known, document.etag()))) {
    response.status = 304;
    return response;
  }
  response.headers.Add("content-type", document.type());
  const std::string* accepted = request.headers.Find("accept-encoding");
  if (document.body().size() >= kCompressFrom && accepted != nullptr && connect::Accepts(*accepted, "gzip")) {
    response.headers.Add("content-encoding", "gzip");
    response.body = document.gzipped();
  } else {
    response.body = document.body();
  }
  return response;
}

}  // namespace throughline::edge::pages
