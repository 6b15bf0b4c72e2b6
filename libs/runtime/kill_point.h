#pragma once

// Named places at which a test can have the process killed, as by kill -9: THROUGHLINE_KILL_POINT=<name>:<n> kills at
// the n-th passing of that place. Without the variable, passing one costs a comparison. Any thread.
//
//   folded          a fold step is written, and no call that waited for it has been answered
//   appended        the log has acknowledged an append, and nobody has been told
//   reacted         a reactor's command was given, and duty's position is not yet remembered

#include <string_view>

namespace throughline::runtime {

void KillPoint(std::string_view name);

}  // namespace throughline::runtime
