#pragma once

// The option `--quantity LINE=N` of commands about shipments. One thread.

#include "CLI/CLI.hpp"
#include "google/protobuf/repeated_ptr_field.h"

#include "throughline/supplier/v1/line_quantity.pb.h"

namespace throughline::tool {

// Adds it to the command; it fills `quantities`, which must outlive the command.
CLI::Option* AddQuantity(CLI::App& command, google::protobuf::RepeatedPtrField<supplier::v1::LineQuantity>& quantities,
                         const std::string& description);

}  // namespace throughline::tool
