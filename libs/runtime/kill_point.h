#pragma once

// Named places at which a test can have the process killed, as by kill -9. THROUGHLINE_KILL_POINT=<name>:<n> kills it
// when it passes that place for the n-th time. Without the variable, a kill point costs one comparison. Any thread.
//
//   folded          a fold step is written, and no call that waited for it has been answered
//   appended        the log has acknowledged an append, and nobody has been told
//   reserved        intake has reserved a matter, and not given the command that opens the case
//   continued       intake has recorded that a new case continues another, and not given the command that opens it
//   reacted         a reactor's command is settled, and its position is not yet in the checkpoint
//   copied          a file of a backup is copied, and the restored store or log is not there yet
//   restored        a store or log is restored, and nobody has opened it
//   delivery-begun  outage-notice has begun to send a message, and not sent it
//   delivery-sent   the message is sent, and nothing says so yet
//   rebuilding      a step of a rebuild is folded
//   rebuilt         a rebuilt store is closed, and nothing says yet that it is complete

#include <string_view>

namespace throughline::runtime {

void KillPoint(std::string_view name);

}  // namespace throughline::runtime
