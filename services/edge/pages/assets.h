#pragma once

// The files that pages load: styles, scripts, pictures, which are part of the program (assets.cc lists them).
//
//   page.Set("STYLE", AssetUrl("page.css"));         // /assets/page.css?v=0f3a…: a browser keeps it for good
//   if (HandleAsset(exchange)) return;               // GET or HEAD of /assets/...
//
// Any thread.

#include <memory>
#include <string>
#include <string_view>

#include "services/edge/http/exchange.h"
#include "services/edge/pages/document.h"

namespace throughline::edge::pages {

// Where one is. A name that is none is a fault of the program: it ends.
std::string AssetUrl(std::string_view name);

// The file; null: there is none.
const Document* FindAsset(std::string_view name);

// False: the path is none of these; the exchange is as it was.
bool HandleAsset(const std::shared_ptr<http::Exchange>& exchange);

inline constexpr char kAssetRoute[] = "asset";  // a label of the metrics

}  // namespace throughline::edge::pages
