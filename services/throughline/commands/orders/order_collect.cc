// `throughline order collect`: what the customer has collected in a store of ours.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/orders/order_lines.h"
#include "throughline/supplier/v1/collection.pb.h"

namespace throughline::tool {

void AddOrderCollect(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::RecordCollectionRequest, supplier::v1::RecordCollectionResponse> collect(
      order, tool, "collect", "Records that the customer has collected an order, lines of it or a part of a line.",
      "throughline order collect SO-1003 --store store-12\n"
      "throughline order collect SO-1003 --store store-12 --lines 1 --quantity 2=1 --collected-at -2h");
  collect.Argument("order_id", "The order");
  collect.Option("--store", "store", "The store that handed it over")->required();
  collect.List("--lines", "line_ids", "Which lines (default, without --quantity: all that is ready in this store)");
  collect.Fills(
      AddQuantity(collect.command(), *collect.request().mutable_quantities(), "How many of a line, once per line"),
      {"quantities"});
  collect.Option("--collected-at", "collected_at", "When (default: now)");
  collect.Option("--collected-by-sha256", "collected_by_sha256",
                 "SHA-256 of who collected, or of what they showed, in hexadecimal; the name itself is not kept");
  collect.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Order ", Clean(response.order_id()), " : collected",
                           response.completed() ? ", and the customer has all of it" : "", ".\n"));
  });
}

}  // namespace throughline::tool
