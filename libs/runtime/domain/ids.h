#pragma once

// Identifiers: 26 characters of Crockford's base32 (no I, L, O, U), 130 bits of which 128 are used. Any thread.

#include <string>
#include <string_view>

#include "libs/runtime/domain/caller.h"

namespace throughline::runtime {

// The id of a thing that a command creates. It follows from who asks and from the command's id, so that a retry, on any
// replica, meets the same thing. `purpose` tells apart several things made by one command, for instance "case".
std::string DerivedId(const Caller& caller, std::string_view purpose);

// A fresh id that nobody can guess; for command and correlation ids that a caller left out.
std::string RandomId();

}  // namespace throughline::runtime
