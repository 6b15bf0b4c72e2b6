// The links with which customers open the page of an order.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/order_shipments.h"

namespace throughline::supplier {
namespace {

constexpr size_t kDigestSize = 32;

absl::Status LinkUnknown() {
  return runtime::Refuse(absl::StatusCode::kNotFound, "LINK_UNKNOWN", "the order has no such link: make a new one");
}

}  // namespace

Order::Decision Order::Decide(const State& state, const v1::CreateOrderLinkRequest& request,
                              const runtime::Caller& caller) {
  const absl::Time expires_at =
      request.has_expires_at() ? runtime::FromProto(request.expires_at()) : caller.time + kLinkLasts;
  runtime::FieldViolations bad;
  if (request.secret_sha256().size() != kDigestSize) {
    bad.Add("secret_sha256", "has not 32 bytes: give the SHA-256 of the link's secret");
  }
  if (expires_at <= caller.time) bad.Add("expires_at", "is in the past: give a later time, or leave it out");
  if (expires_at > caller.time + kLinkLastsAtMost) bad.Add("expires_at", "is more than 400 days away");
  if (!bad.empty()) return bad.ToStatus();
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  std::vector<Event> events(1);
  auto& created = *events.front().mutable_link_created();
  created.set_link_id(runtime::DerivedId(caller, kLinkPart));
  created.set_secret_sha256(request.secret_sha256());
  *created.mutable_expires_at() = runtime::ToProto(expires_at);
  return events;
}

Order::Decision Order::Decide(const State& state, const v1::RevokeOrderLinkRequest& request, const runtime::Caller&) {
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  std::vector<Event> events;
  bool known = request.link_id().empty();
  for (const v1::OrderLink& link : state.links()) {
    if (!request.link_id().empty() && link.link_id() != request.link_id()) continue;
    known = true;
    if (link.revoked()) continue;
    auto& revoked = *events.emplace_back().mutable_link_revoked();
    revoked.set_link_id(link.link_id());
    revoked.set_reason(request.reason());
  }
  if (!known) return LinkUnknown();
  return events;
}

}  // namespace throughline::supplier
