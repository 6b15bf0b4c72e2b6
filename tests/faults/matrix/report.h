#pragma once

// What the matrix says in the end.

#include <string>
#include <vector>

#include "tests/faults/matrix/row.h"

namespace throughline::faults {

struct Ran {
  Row row;
  Outcome outcome;
  double seconds = 0;
};

// A line while it runs, and what is wrong with it.
void Tell(const Ran& ran);
std::string Table(const std::vector<Ran>& all);
std::string Json(const std::vector<Ran>& all, const Settings& settings);

}  // namespace throughline::faults
