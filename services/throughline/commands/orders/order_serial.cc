// `throughline order serial`: the serial number of an article, as it was read.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/terminal.h"
#include "throughline/supplier/v1/serial.pb.h"

namespace throughline::tool {

void AddOrderSerial(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::RecordSerialRequest, supplier::v1::RecordSerialResponse> serial(
      order, tool, "serial",
      "Records a serial number as it was packed, stands on the box or on the device; says what does not fit together.",
      "throughline order serial SO-1001 1 356938035643809 --place box\n"
      "throughline order serial SO-1001 1 356938035643825 --place device --unit 2");
  serial.Argument("order_id", "The order");
  serial.Argument("line_id", "Its line");
  serial.Argument("serial_number", "The number, as it stands there");
  serial.Option("--place", "place", "Where it was read")->required();
  serial.Option("--unit", "unit", "Which article of the line, from 1 (default: the first)");
  serial.Prints([](Tool& out, const auto& request, const auto& response) {
    const std::string what = absl::StrCat("Order ", Clean(response.order_id()), ": recorded ",
                                          Clean(request.serial_number()), " of line ", Clean(request.line_id()), "\n");
    const std::string wrong =
        response.mismatch().empty()
            ? ""
            : absl::StrCat(Paint(out.terminal(), Style::kAlarm, "MISMATCH"), " ", Clean(response.mismatch()), "\n");
    out.Print(what + wrong);
  });
}

}  // namespace throughline::tool
