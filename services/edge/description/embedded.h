#pragma once

// Files that are part of the program, compressed with gzip. Pure; any thread.

#include <string_view>

namespace throughline::edge::embedded {

std::string_view OpenApi();
std::string_view Page();
std::string_view Start();
std::string_view Viewer();
std::string_view ViewerStyle();
std::string_view ViewerLicense();

}  // namespace throughline::edge::embedded
