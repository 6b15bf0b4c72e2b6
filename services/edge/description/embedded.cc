#include "services/edge/description/embedded.h"

// The assembler finds the files in the folders that CMakeLists.txt names.
// clang-format off
#define THROUGHLINE_EMBED(symbol, file)                      \
  asm(".pushsection .rodata\n"                               \
      ".global throughline_" #symbol "\n"                    \
      "throughline_" #symbol ":\n"                           \
      ".incbin \"" file "\"\n"                               \
      ".global throughline_" #symbol "_end\n"                \
      "throughline_" #symbol "_end:\n"                       \
      ".byte 0\n"                                            \
      ".popsection\n");                                      \
  extern "C" const char throughline_##symbol[], throughline_##symbol##_end[]
// clang-format on

THROUGHLINE_EMBED(openapi, "openapi.json.gz");
THROUGHLINE_EMBED(page, "docs.html.gz");
THROUGHLINE_EMBED(start, "start.js.gz");
THROUGHLINE_EMBED(viewer, "swagger-ui-bundle.js.gz");
THROUGHLINE_EMBED(viewer_style, "swagger-ui.css.gz");
THROUGHLINE_EMBED(viewer_license, "LICENSE.txt.gz");

namespace throughline::edge::embedded {

std::string_view OpenApi() { return {throughline_openapi, throughline_openapi_end}; }
std::string_view Page() { return {throughline_page, throughline_page_end}; }
std::string_view Start() { return {throughline_start, throughline_start_end}; }
std::string_view Viewer() { return {throughline_viewer, throughline_viewer_end}; }
std::string_view ViewerStyle() { return {throughline_viewer_style, throughline_viewer_style_end}; }
std::string_view ViewerLicense() { return {throughline_viewer_license, throughline_viewer_license_end}; }

}  // namespace throughline::edge::embedded
