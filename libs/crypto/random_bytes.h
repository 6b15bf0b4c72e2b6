#pragma once

// Random bytes that nobody can guess, by OpenSSL. Any thread.

#include <cstddef>
#include <string>

namespace throughline::crypto {

// Stops the process if the system has none.
std::string RandomBytes(size_t count);

}  // namespace throughline::crypto
