#pragma once

// Options about the lines of an order. One thread.

#include <string>

#include "CLI/CLI.hpp"
#include "google/protobuf/repeated_ptr_field.h"

#include "throughline/supplier/v1/line_quantity.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::tool {

// `LINE=N`. Returns what is wrong; empty: nothing.
std::string ParseQuantity(const std::string& text, supplier::v1::LineQuantity& quantity);

// `--quantity LINE=N`: fills `quantities`, which must outlive the command.
CLI::Option* AddQuantity(CLI::App& command, google::protobuf::RepeatedPtrField<supplier::v1::LineQuantity>& quantities,
                         const std::string& description);
// `<name> ID:SKU:QUANTITY:VENDOR[:DESCRIPTION]`, as often as there are lines; the same for `lines`.
CLI::Option* AddLines(CLI::App& command, const std::string& name,
                      google::protobuf::RepeatedPtrField<supplier::v1::OrderLine>& lines,
                      const std::string& description);

}  // namespace throughline::tool
