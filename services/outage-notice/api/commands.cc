#include "services/outage-notice/api/commands.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/projections/read.h"

namespace throughline::outage {
namespace {

using runtime::Outcome;
using runtime::Streams;
using server::Context;
using server::Reply;

void Define(Streams& streams, const Context& context, v1::DefineComponentRequest request,
            Reply<v1::DefineComponentResponse> reply) {
  if (!IsComponentId(request.component_id())) {
    return reply(runtime::BadField("component_id", kNotAComponentId));
  }
  const std::string id = request.component_id();
  service::Change<Component, v1::DefineComponentResponse>(
      streams, context, {Component::kKind, id}, std::move(request), reply,
      [id](const Outcome<Component>&, v1::DefineComponentResponse& response) { response.set_component_id(id); });
}

// Components that are not found are looked up again once the present is folded.
void Publish(Streams& streams, const Context& context, v1::PublishNoticeRequest request,
             Reply<v1::PublishNoticeResponse> reply) {
  const auto publish = [&streams, reply](PublishNotice command) {
    const Context& context = reply.context();
    const std::string id = runtime::DerivedId(context.caller(), "notice");
    service::Change<Notice, v1::PublishNoticeResponse>(
        streams, context, {Notice::kKind, id}, std::move(command), reply,
        [id](const Outcome<Notice>&, v1::PublishNoticeResponse& response) { response.set_notice_id(id); });
  };
  PublishNotice command{std::move(request), {}};
  command.unknown_components = UnknownOf(*streams.View(), command.request.component_ids());
  if (command.unknown_components.empty()) return publish(std::move(command));
  streams.AfterPresent(context.deadline(),
                       [&streams, reply, publish, command = std::move(command)](const absl::Status& status) mutable {
                         if (!status.ok()) return reply(status);
                         command.unknown_components = UnknownOf(*streams.View(), command.request.component_ids());
                         publish(std::move(command));
                       });
}

template <typename Request, typename Response>
void ChangeNotice(Streams& streams, const Context& context, Request request, Reply<Response> reply) {
  const std::string id = request.notice_id();
  if (id.empty() || id.size() > 128)
    return reply(runtime::BadField("notice_id", "is not the id of a notice: name the notice"));
  service::Change<Notice, Response>(streams, context, {Notice::kKind, id}, std::move(request), reply,
                                    [id](const Outcome<Notice>&, Response& response) { response.set_notice_id(id); });
}

}  // namespace

void ServeCommands(server::Api& api, Streams& streams) {
  api.Unary<v1::DefineComponentRequest, v1::DefineComponentResponse>(
      "DefineComponent", [&streams](const Context& context, auto request, auto reply) {
        Define(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::PublishNoticeRequest, v1::PublishNoticeResponse>(
      "PublishNotice", [&streams](const Context& context, auto request, auto reply) {
        Publish(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::UpdateNoticeRequest, v1::UpdateNoticeResponse>(
      "UpdateNotice", [&streams](const Context& context, auto request, auto reply) {
        ChangeNotice(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::ResolveNoticeRequest, v1::ResolveNoticeResponse>(
      "ResolveNotice", [&streams](const Context& context, auto request, auto reply) {
        ChangeNotice(streams, context, std::move(request), std::move(reply));
      });
}

}  // namespace throughline::outage
