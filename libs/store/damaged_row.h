#pragma once

// What a read throws that meets a row which cannot be decoded. It is the one exception of ours: rows are read deep in
// scans, where a status would have to be carried through every visitor. It is caught at the edges and nowhere else: a
// call or a command is answered DATA_LOSS (runtime/damage.h), and a fold ends its service in order.

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
