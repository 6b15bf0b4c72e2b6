#include "services/edge/description/embedded.h"

#include "services/edge/embed.h"

THROUGHLINE_EMBED(openapi, "openapi.json.gz");
THROUGHLINE_EMBED(page, "docs.html.gz");
THROUGHLINE_EMBED(start, "start.js.gz");
THROUGHLINE_EMBED(viewer, "swagger-ui-bundle.js.gz");
THROUGHLINE_EMBED(viewer_style, "swagger-ui.css.gz");
THROUGHLINE_EMBED(viewer_license, "LICENSE.txt.gz");

namespace throughline::edge::embedded {

std::string_view OpenApi() { return THROUGHLINE_EMBEDDED(openapi); }
std::string_view Page() { return THROUGHLINE_EMBEDDED(page); }
std::string_view Start() { return THROUGHLINE_EMBEDDED(start); }
std::string_view Viewer() { return THROUGHLINE_EMBEDDED(viewer); }
std::string_view ViewerStyle() { return THROUGHLINE_EMBEDDED(viewer_style); }
std::string_view ViewerLicense() { return THROUGHLINE_EMBEDDED(viewer_license); }

}  // namespace throughline::edge::embedded
