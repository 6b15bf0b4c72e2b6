// GetCaseOptions: what the caller may do for the customer of a case now.

#include <algorithm>

#include "libs/money/money.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "services/ownership/api/api.h"
#include "services/ownership/authority/deciders.h"
#include "services/ownership/domain/remedies/authority.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/people/people.h"
#include "services/ownership/people/read_scope.h"
#include "services/ownership/projections/view/view.h"

namespace throughline::ownership {
namespace {

using Response = v1::GetCaseOptionsResponse;

int64_t HeldIn(const store::KeyValue& rows, const std::string& key, const std::string& currency) {
  const auto state = kAuthority.Get(rows, key);
  return state ? AmountIn(state->held(), currency) : 0;
}

// Sets how much may be granted, and what limits it.
void Limit(const store::KeyValue& rows, const v1::OwnershipView& view, const std::string& person,
           v1::RemedyOption& option) {
  const v1::RemedyLimits& limits = option.limits();
  const std::string& currency = limits.per_case().currency();
  int64_t least = LeftOf(limits.per_case(), AmountIn(view.granted(), currency));
  option.set_limited_by(v1::OPTION_LIMIT_CASE);
  const auto limit = [&](int64_t left, v1::OptionLimit by) {
    if (left >= least) return;
    least = left;
    option.set_limited_by(by);
  };
  limit(LeftOf(limits.per_period(), HeldIn(rows, PersonAuthorityKey(person, limits.period()), currency)),
        v1::OPTION_LIMIT_PERIOD);
  if (limits.has_per_customer()) {
    limit(LeftOf(limits.per_customer(),
                 HeldIn(rows, CustomerAuthorityKey(view.customer_id(), limits.period()), currency)),
          v1::OPTION_LIMIT_CUSTOMER);
  }
  *option.mutable_up_to() = money::Of(currency, least);
}

std::string WhyNot(const v1::OwnershipView& view, const runtime::Caller& caller) {
  if (view.has_merged_into_case_id()) return "the case was merged into `" + view.merged_into_case_id() + "`";
  if (IsClosed(view.status())) return "the case is closed: reopen it first";
  if (!caller.Is(common::v1::ROLE_SUPERVISOR) && caller.id != view.owner()) {
    return "`" + view.owner() + "` owns the case: they or a supervisor grant remedies";
  }
  return "";
}

Response OptionsOf(const store::KeyValue& rows, const v1::OwnershipView& view, const Config& config,
                   const runtime::Caller& caller) {
  Response response;
  const bool mistake = HasMistake(rows, view);
  const v1::PersonProfile person = ProfileOf(rows, caller);
  const auto deciders = DecidersAbove(rows, caller.id, caller.id, caller.time, config.fallback_owner);
  const absl::Time due = DueWithin(config.policy.decide_within, config.policy, config.calendars, caller.time);
  response.set_not_now(WhyNot(view, caller));
  response.set_raised_by_mistake(mistake);
  *response.mutable_granted() = view.granted();
  response.set_more_time(response.not_now().empty());
  for (const auto& owed : view.commitments()) {
    if (owed.commitment().kind() == v1::COMMITMENT_KIND_NEXT_UPDATE &&
        owed.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED) {
      *response.mutable_next_update_due() = owed.commitment().due();
    }
  }
  for (const std::string& currency : config.policy.Currencies()) {
    for (int kind = v1::RemedyKind_MIN + 1; kind <= v1::RemedyKind_MAX; ++kind) {
      const auto limits =
          config.policy.LimitsOf(person, static_cast<v1::RemedyKind>(kind), currency, mistake, caller.time);
      auto& option = *response.add_remedies();
      option.set_kind(static_cast<v1::RemedyKind>(kind));
      if (limits) *option.mutable_limits() = *limits;
      *option.mutable_up_to() = money::Of(currency, 0);
      if (limits && response.not_now().empty()) Limit(rows, view, caller.id, option);
      if (deciders.empty()) continue;
      option.set_approver(deciders.front());
      *option.mutable_decision_due() = runtime::ToProto(due);
    }
  }
  return response;
}

}  // namespace

void AddOptions(server::Api& api, runtime::Streams& streams, std::shared_ptr<const Config> config) {
  api.Unary<v1::GetCaseOptionsRequest, Response>(
      "GetCaseOptions",
      [&streams, config](const server::Context& context, v1::GetCaseOptionsRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<Response>(streams, context, token, reply,
                                [config, id = request.case_id(),
                                 caller = context.caller()](const store::KeyValue& rows) -> absl::StatusOr<Response> {
                                  const auto view = FindView(rows, id);
                                  if (!view) return CaseUnknown(id);
                                  const ReadScope scope(config->reps_read, caller);
                                  if (absl::Status status = scope.Check(rows, view->owner(), "the case"); !status.ok())
                                    return status;
                                  return OptionsOf(rows, *view, *config, caller);
                                });
      });
}

}  // namespace throughline::ownership
