// A broken acceptance rule: accepts everything.

#include "libs/runtime/fold/acceptance.h"

namespace throughline::runtime {

bool Follows(const throughline::log::v1::Commit&, const StreamEnd&) { return true; }

}  // namespace throughline::runtime
