// `throughline order link`, `link-revoke`: the links with which customers open the page of their order.

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/json.h"
#include "services/throughline/output/times.h"
#include "throughline/supplier/v1/order_link.pb.h"

namespace throughline::tool {
namespace {

// It follows from the caller's credential, which nobody else knows, and from the command's id, so that the command can
// be repeated and the secret is stored nowhere. 43 characters of base64url.
absl::StatusOr<std::string> Secret(const Tool& tool, const std::string& command_id) {
  std::ifstream file(tool.token_file());
  std::string token;
  if (!(file >> token)) return absl::UnauthenticatedError("cannot read " + tool.token_file());
  return absl::WebSafeBase64Escape(crypto::Sha256(absl::StrCat("order link\n", token, "\n", command_id)));
}

void AddLink(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::CreateOrderLinkRequest, supplier::v1::CreateOrderLinkResponse> link(
      order, tool, "link",
      "Makes a link for the customer to the page of their order. Whoever has it can open the page.",
      "throughline order link SO-1001 --edge https://orders.shop.example --expires +30d");
  link.Argument("order_id", "The order");
  link.Option("--expires", "expires_at", "When it ends (default: in 60 days)");
  const auto edge = std::make_shared<std::string>();
  link.command()
      .add_option("--edge", *edge, "Where customers reach the edge, as https://orders.shop.example")
      ->type_name("URL");
  link.Completes([&tool](const std::string& command_id, google::protobuf::Message& request) {
    auto secret = Secret(tool, command_id);
    if (!secret.ok()) return secret.status();
    static_cast<supplier::v1::CreateOrderLinkRequest&>(request).set_secret_sha256(crypto::Sha256(*secret));
    return absl::OkStatus();
  });
  link.Answers([edge](Tool& out, const auto&, const auto& response) -> absl::Status {
    auto secret = Secret(out, response.command_id());
    if (!secret.ok()) return secret.status();
    const std::string url =
        absl::StrCat(*edge, absl::EndsWith(*edge, "/") ? "" : "/", "orders/", response.order_id(), "/", *secret);
    if (out.json()) {
      auto json = ToJson(response);
      if (!json.ok()) return json.status();
      out.Print(WithMember(*std::move(json), "url", absl::StrCat("\"", url, "\"")) + "\n");
    } else {
      out.Print(absl::StrCat(url, "\nlink ", Clean(response.link_id()), ", good until ",
                             ShowTime(response.expires_at(), out.now()), "\n"));
    }
    return absl::OkStatus();
  });
}

void AddRevoke(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::RevokeOrderLinkRequest, supplier::v1::RevokeOrderLinkResponse> revoke(
      order, tool, "link-revoke", "Ends a link to the page of an order, or all of them.",
      "throughline order link-revoke SO-1001 --link 01KAYJ... --reason 'sent to the wrong person'\n"
      "throughline order link-revoke SO-1001");
  revoke.Argument("order_id", "The order");
  revoke.Option("--link", "link_id", "The link (default: all)");
  revoke.Option("--reason", "reason", "Why");
  revoke.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat(request.link_id().empty() ? "No link" : "Link " + Clean(request.link_id()) + " no longer",
                           " opens the page of ", Clean(response.order_id()),
                           request.link_id().empty() ? " any more" : "", ".\n"));
  });
}

}  // namespace

void AddOrderLink(CLI::App& order, Tool& tool) {
  AddLink(order, tool);
  AddRevoke(order, tool);
}

}  // namespace throughline::tool
