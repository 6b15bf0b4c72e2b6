#include "services/intake/reactors/promise_at_risk.h"

#include "libs/runtime/ids.h"
#include "libs/runtime/time.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::intake {
namespace {

std::string CaseIdOf(const std::string& order_id, const google::protobuf::Timestamp& promised_by) {
  runtime::Caller cause;
  cause.id = "throughline.intake";
  cause.command_id = order_id + "@" + std::to_string(absl::ToUnixMicros(runtime::FromProto(promised_by)));
  return runtime::DerivedId(cause, "promise at risk");
}

v1::OpenCaseRequest RequestOf(const std::string& order_id, const supplier::v1::PromiseAtRisk& risk) {
  const std::string promised =
      absl::FormatTime("%Y-%m-%d %H:%M UTC", runtime::FromProto(risk.promised_by()), absl::UTCTimeZone());
  v1::OpenCaseRequest request;
  request.set_customer_id(risk.customer_id());
  request.set_subject("Order " + order_id + " is expected after its promise");
  request.set_text("Promised by " + promised + ". " + (risk.cause().empty() ? "" : "Why: " + risk.cause() + ". ") +
                   "Tell the customer before they ask.");
  request.set_channel(v1::CHANNEL_AUTOMATIC);
  request.set_order_id(order_id);
  request.set_origin("promise at risk of order " + order_id);
  return request;
}

}  // namespace

void PromiseAtRiskReactor::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                                 runtime::Reactions& reactions) {
  if (commit.stream.kind != "order") return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<supplier::v1::OrderEvent>(i);
    if (!event.has_promise_at_risk()) continue;
    const std::string& order_id = commit.stream.key;
    std::string case_id = CaseIdOf(order_id, event.promise_at_risk().promised_by());
    if (kCases.Has(reader, case_id)) continue;
    OpenCase command = facts_.Gather(reader, RequestOf(order_id, event.promise_at_risk()), case_id, runtime::Caller());
    reactions.Execute<Case>({Case::kKind, std::move(case_id)}, std::move(command), "open");
  }
}

}  // namespace throughline::intake
