#pragma once

// A scan in a sentence, for staff. Pure function; any thread.

#include <string>

#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

std::string ScanText(const std::string& carrier, const v1::ScanView& scan);

}  // namespace throughline::supplier
