// `throughline promise`: what the customer was promised and by when.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::tool {

void AddPromise(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "promise", "Promises to customers: made, kept or renegotiated in time, or broken");
  Verb<ownership::v1::MakePromiseRequest, ownership::v1::MakePromiseResponse> make(
      group, tool, "make", "Records what the customer was promised and by when.",
      "throughline promise make CASE --what 'We call you back with a date' --due +2h");
  make.Argument("case_id", "The case");
  make.Option("--what", "text", "What is promised, in the words that the customer heard")->required();
  make.Option("--due", "due", "By when")->required();
  make.Option("--to", "to", "To whom (default: the case's customer)");
  make.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(
        absl::StrCat("Promised. case ", Clean(response.case_id()), " promise ", Clean(response.promise_id()), "\n"));
  });

  Verb<ownership::v1::KeepPromiseRequest, ownership::v1::KeepPromiseResponse> keep(
      group, tool, "keep", "Records that a promise was kept, at or before its due time.",
      "throughline promise keep CASE --how 'Called; the lamp comes on Friday'");
  keep.Argument("case_id", "The case");
  keep.TheOpenOne("promise_id", "The promise");
  keep.Option("--how", "evidence", "How it was kept")->required();
  keep.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Kept. case ", Clean(response.case_id()), " version ", response.version(), "\n"));
  });

  Verb<ownership::v1::RenegotiatePromiseRequest, ownership::v1::RenegotiatePromiseResponse> renegotiate(
      group, tool, "renegotiate", "Moves a promise's due time, agreed with the customer before the old one has passed.",
      "throughline promise renegotiate CASE --due +1d --reason 'the vendor answers tomorrow'");
  renegotiate.Argument("case_id", "The case");
  renegotiate.TheOpenOne("promise_id", "The promise");
  renegotiate.Option("--due", "new_due", "By when from now on")->required();
  renegotiate.Option("--reason", "reason", "Why, as the customer was told")->required();
  renegotiate.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Moved. case ", Clean(response.case_id()), " version ", response.version(), "\n"));
  });
  AddPromiseList(group, tool);
}

}  // namespace throughline::tool
