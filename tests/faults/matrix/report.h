#pragma once

// The matrix's final report.

#include <string>
#include <vector>

#include "tests/faults/matrix/row.h"

namespace throughline::faults {

struct Ran {
  Row row;
  Outcome outcome;
  double seconds = 0;
};

// Prints one line for the row while the matrix runs, and its problems.
void Tell(const Ran& ran);
std::string Table(const std::vector<Ran>& all);
std::string Json(const std::vector<Ran>& all, const Settings& settings);

}  // namespace throughline::faults
