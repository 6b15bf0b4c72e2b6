#pragma once

// A read throws DamagedRow when it meets a row that cannot be decoded. This is our only exception: rows are read deep
// inside scans, where every visitor would have to pass on a status. It is caught at the edges only: a call or a command
// is answered DATA_LOSS (libs/runtime/domain/damage.h), and the fold shuts its service down.

#include <stdexcept>
#include <string>

namespace throughline::store {

class DamagedRow : public std::runtime_error {
 public:
  // `what`: which row.
  explicit DamagedRow(const std::string& what)
      : std::runtime_error(what +
                           " cannot be read: stop the service, delete its store's directory and start it again; " +
                           "the store is rebuilt from the log") {}
};

}  // namespace throughline::store
