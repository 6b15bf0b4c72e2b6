#pragma once

// The file that says which team answers what: TOML. README.md describes it; deploy/departments.toml is an example.
//
//   default = "quality"                        # what no route has
//   [[route]]
//   team = "web"
//   words = ["form", "web site"]               # suggestions that have one of them
//   kinds = ["component/checkout", "component/web-*"]   # what goes wrong again and again
//
// Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace throughline::intake {

struct Route {
  std::string team;
  std::vector<std::string> words;  // in lower case
  std::vector<std::string> kinds;  // `*` at the end stands for anything
};
struct Routes {
  std::string by_default;  // a team; empty: none
  std::vector<Route> all;  // the first one that fits counts
};

// INVALID_ARGUMENT: all problems of the file, one per line, each with its line in the file.
absl::StatusOr<Routes> ParseRoutes(std::string_view content);

// The same of a file. NOT_FOUND: it cannot be read.
absl::StatusOr<Routes> ReadRoutes(const std::string& path);

// The first route with a word of the text, and that word: whole words, whatever their case. Null: there is none.
const Route* RouteByWords(const Routes& routes, std::string_view text, std::string* word);
// The first route that has the kind. Null: there is none.
const Route* RouteByKind(const Routes& routes, std::string_view kind);

}  // namespace throughline::intake
