// GetCustomer.

#include "absl/strings/strip.h"

#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/intake/api/api.h"
#include "services/intake/projections/case_view.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::intake {
namespace {

// The thing that a row of kOfCustomer names; none if it is not there, or not to be seen.
std::optional<v1::CustomerItem> ItemOf(const store::KeyValue& reader, const ownership::ReadScope& scope,
                                       absl::string_view id, absl::Time now) {
  v1::CustomerItem item;
  if (absl::ConsumePrefix(&id, kCaseItem)) {
    auto view = FindCaseView(reader, std::string(id), now);
    if (!view || !scope.MayRead(reader, view->owner())) return std::nullopt;
    *item.mutable_at() = view->opened_at();
    *item.mutable_case_() = *std::move(view);
  } else if (absl::ConsumePrefix(&id, kOrderItem)) {
    auto order = kOrders.Get(reader, std::string(id));
    if (!order || !scope.MayRead(reader, order->owner())) return std::nullopt;
    *item.mutable_at() = order->placed_at();
    *item.mutable_order() = *std::move(order);
  } else {
    absl::ConsumePrefix(&id, kPromiseItem);
    const size_t slash = id.find('/');
    auto promise = kPromises.Get(reader, std::string(id.substr(0, slash)), std::string(id.substr(slash + 1)));
    const auto about = promise ? FindCaseView(reader, promise->case_id(), now) : std::nullopt;
    if (!about || !scope.MayRead(reader, about->owner())) return std::nullopt;
    *item.mutable_at() = promise->made_at();
    *item.mutable_promise() = *std::move(promise);
  }
  return item;
}

}  // namespace

void AddCustomer(server::Api& api, runtime::Streams& streams, const Config& config) {
  using Response = v1::GetCustomerResponse;
  api.Unary<v1::GetCustomerRequest, Response>(
      "GetCustomer",
      [&streams, reps_read = config.reps_read](const server::Context& context, v1::GetCustomerRequest request,
                                               server::Reply<Response> reply) {
        if (request.customer_id().empty())
          return reply(runtime::BadField("customer_id", "is empty: name the customer"));
        const std::string question = service::Question(request);
        auto after = service::AfterPage(question, kOfCustomer.KeyOf(request.customer_id()), request.page_token());
        if (!after.ok()) return reply(after.status());
        const std::string token = request.consistency_token();
        service::Read<Response>(streams, context, token, reply,
                                [&streams, request = std::move(request), question,
                                 scope = ownership::ReadScope(reps_read, context.caller()),
                                 after = *std::move(after)](const store::KeyValue& rows) -> absl::StatusOr<Response> {
                                  Response response;
                                  response.set_next_page_token(service::FillPage(
                                      rows, kOfCustomer, after, question,
                                      [&](const std::string& id) {
                                        if (response.items_size() == service::PageSize(request)) return false;
                                        if (auto item = ItemOf(rows, scope, id, streams.clock().Trusted())) {
                                          *response.add_items() = *std::move(item);
                                        }
                                        return true;
                                      },
                                      request.customer_id()));
                                  return response;
                                });
      });
}

}  // namespace throughline::intake
