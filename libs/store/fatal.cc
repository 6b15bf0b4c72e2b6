#include "libs/store/fatal.h"

#include <cstdlib>

#include <spdlog/spdlog.h>

namespace throughline::store {

void Fatal(std::string_view message) {
  spdlog::critical("{}", message);
  spdlog::default_logger()->flush();
  std::_Exit(70);
}

}  // namespace throughline::store
