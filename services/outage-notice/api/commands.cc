#include "services/outage-notice/api/commands.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "libs/service/due.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/projections/read.h"
#include "services/ownership/people/people.h"

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
  const auto define = [&streams, reply](DefineComponent command) {
    const std::string id = command.request.component_id();
    service::Change<Component, v1::DefineComponentResponse>(
        streams, reply.context(), {Component::kKind, id}, std::move(command), reply,
        [id](const Outcome<Component>&, v1::DefineComponentResponse& response) { response.set_component_id(id); });
  };
  const bool names_none = !request.has_owner() || request.owner().empty();
  if (names_none && request.depends_on_component_ids().empty()) return define({std::move(request), absl::OkStatus()});
  streams.AfterPresent(context.deadline(), [&streams, reply, define, names_none, request](const absl::Status& status) {
    if (!status.ok()) return reply(status);
    const auto rows = streams.View();
    DefineComponent command{request, absl::OkStatus()};
    if (!names_none) {
      command.owner = ownership::CheckActive(ownership::kPersons.Get(*rows, request.owner()), request.owner());
    }
    command.unknown_components = UnknownOf(*rows, request.depends_on_component_ids());
    command.circle = CircleOf(*rows, request);
    define(std::move(command));
  });
}

// After a repeated command it may have moved, or the notice may be resolved.
template <typename Response>
void FillNextUpdate(const v1::NoticeState& state, Response& response) {
  if constexpr (requires { response.mutable_next_update_due(); }) {
    if (state.status() == v1::NOTICE_STATUS_ACTIVE) *response.mutable_next_update_due() = state.next_update_due();
  }
}

// `Command`: a request, or a struct with a member `request`.
template <typename Command, typename Response>
void ChangeNotice(Streams& streams, const Context& context, Command command, Reply<Response> reply) {
  std::string id;
  if constexpr (requires { command.request; }) {
    id = command.request.notice_id();
  } else {
    id = command.notice_id();
  }
  if (id.empty() || id.size() > 128)
    return reply(runtime::BadField("notice_id", "is not the id of a notice: name the notice"));
  service::Change<Notice, Response>(streams, context, {Notice::kKind, id}, std::move(command), reply,
                                    [id](const Outcome<Notice>& outcome, Response& response) {
                                      response.set_notice_id(id);
                                      FillNextUpdate(*outcome.state, response);
                                    });
}

// Components and persons that are not found are looked up again once the present is folded.
void Publish(Streams& streams, const Context& context, v1::PublishNoticeRequest request, const Config& config,
             Reply<v1::PublishNoticeResponse> reply) {
  const auto look = [&streams, caller = context.caller()](PublishNotice& command) {
    const auto rows = streams.View();
    command.unknown_components = UnknownOf(*rows, command.request.component_ids());
    const std::string& owner = Notice::OwnerOf(command.request, caller);
    const auto person = ownership::kPersons.Get(*rows, owner);
    // A rep or supervisor who calls is a person of ours, known or not.
    const bool calls =
        owner == caller.id && (caller.Is(common::v1::ROLE_REP) || caller.Is(common::v1::ROLE_SUPERVISOR));
    command.owner = ownership::CheckCaller(*rows, caller);
    if (!command.owner.ok()) return false;
    command.owner = !person && calls ? absl::OkStatus() : ownership::CheckActive(person, owner);
    return command.unknown_components.empty() && command.owner.ok();
  };
  const auto publish = [&streams, reply](PublishNotice command) {
    const std::string id = runtime::DerivedId(reply.context().caller(), "notice");
    service::Change<Notice, v1::PublishNoticeResponse>(
        streams, reply.context(), {Notice::kKind, id}, std::move(command), reply,
        [id](const Outcome<Notice>& outcome, v1::PublishNoticeResponse& response) {
          response.set_notice_id(id);
          FillNextUpdate(*outcome.state, response);
        });
  };
  auto meant = service::WhatIsMeant(request, config.calendars, context.caller().time);
  PublishNotice command{std::move(request), {}, absl::OkStatus(), std::move(meant), config.limits};
  if (look(command)) return publish(std::move(command));
  streams.AfterPresent(context.deadline(),
                       [reply, look, publish, command = std::move(command)](const absl::Status& status) mutable {
                         if (!status.ok()) return reply(status);
                         look(command);
                         publish(std::move(command));
                       });
}

// A person who is not known is looked up again once the present is folded.
void Reassign(Streams& streams, const Context& context, v1::ReassignNoticeRequest request,
              Reply<v1::ReassignNoticeResponse> reply) {
  const auto look = [&streams, caller = context.caller()](const v1::ReassignNoticeRequest& named) {
    if (absl::Status refused = ownership::CheckCaller(*streams.View(), caller); !refused.ok()) return refused;
    return ownership::CheckActive(ownership::kPersons.Get(*streams.View(), named.to()), named.to());
  };
  const auto reassign = [&streams, reply](ReassignNotice command) {
    ChangeNotice(streams, reply.context(), std::move(command), reply);
  };
  if (absl::Status person = look(request); person.ok()) return reassign({std::move(request), person});
  streams.AfterPresent(context.deadline(), [reply, look, reassign, request](const absl::Status& status) {
    status.ok() ? reassign({request, look(request)}) : reply(status);
  });
}

// Components that are not found are looked up again once the present is folded.
void Correct(Streams& streams, const Context& context, v1::CorrectNoticeRequest request, const Config& config,
             Reply<v1::CorrectNoticeResponse> reply) {
  CorrectNotice command{std::move(request), {}, config.limits};
  command.unknown_components = UnknownOf(*streams.View(), command.request.component_ids());
  if (command.unknown_components.empty()) {
    return ChangeNotice(streams, context, std::move(command), std::move(reply));
  }
  streams.AfterPresent(context.deadline(),
                       [&streams, reply, command = std::move(command)](const absl::Status& status) mutable {
                         if (!status.ok()) return reply(status);
                         command.unknown_components = UnknownOf(*streams.View(), command.request.component_ids());
                         ChangeNotice(streams, reply.context(), std::move(command), reply);
                       });
}

// Who owes for a team is chosen as the present is.
void Learn(Streams& streams, const Context& context, v1::PublishPostmortemRequest request,
           Reply<v1::PublishPostmortemResponse> reply) {
  streams.AfterPresent(context.deadline(), [&streams, reply, request](const absl::Status& status) {
    if (!status.ok()) return reply(status);
    PublishPostmortem command{request, {}};
    for (const v1::FollowUp& follow_up : request.follow_ups()) {
      const auto person = ownership::AnswersFor(*streams.View(), follow_up.team(), reply.context().caller().time);
      command.owe.push_back(person.value_or(std::string()));
    }
    ChangeNotice(streams, reply.context(), std::move(command), reply);
  });
}

}  // namespace

void ServeCommands(server::Api& api, Streams& streams, const Config& config) {
  api.Unary<v1::DefineComponentRequest, v1::DefineComponentResponse>(
      "DefineComponent", [&streams](const Context& context, auto request, auto reply) {
        Define(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::PublishNoticeRequest, v1::PublishNoticeResponse>(
      "PublishNotice", [&streams, config](const Context& context, auto request, auto reply) {
        Publish(streams, context, std::move(request), config, std::move(reply));
      });
  api.Unary<v1::UpdateNoticeRequest, v1::UpdateNoticeResponse>("UpdateNotice", [&streams, config](
                                                                                   const Context& context, auto request,
                                                                                   auto reply) {
    auto meant = service::WhatIsMeant(request, config.calendars, context.caller().time);
    ChangeNotice(streams, context, UpdateNotice{std::move(request), std::move(meant), config.limits}, std::move(reply));
  });
  api.Unary<v1::CorrectNoticeRequest, v1::CorrectNoticeResponse>(
      "CorrectNotice", [&streams, config](const Context& context, auto request, auto reply) {
        Correct(streams, context, std::move(request), config, std::move(reply));
      });
  api.Unary<v1::ReassignNoticeRequest, v1::ReassignNoticeResponse>(
      "ReassignNotice", [&streams](const Context& context, auto request, auto reply) {
        Reassign(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::ResolveNoticeRequest, v1::ResolveNoticeResponse>(
      "ResolveNotice", [&streams](const Context& context, auto request, auto reply) {
        ChangeNotice(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::WithdrawNoticeRequest, v1::WithdrawNoticeResponse>(
      "WithdrawNotice", [&streams](const Context& context, auto request, auto reply) {
        ChangeNotice(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::PublishPostmortemRequest, v1::PublishPostmortemResponse>(
      "PublishPostmortem", [&streams](const Context& context, auto request, auto reply) {
        Learn(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::CompleteFollowUpRequest, v1::CompleteFollowUpResponse>(
      "CompleteFollowUp", [&streams](const Context& context, auto request, auto reply) {
        ChangeNotice(streams, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::DismissSuspicionRequest, v1::DismissSuspicionResponse>(
      "DismissSuspicion", [&streams](const Context& context, v1::DismissSuspicionRequest request, auto reply) {
        const std::string id = request.component_id();
        if (!IsComponentId(id)) return reply(runtime::BadField("component_id", kNotAComponentId));
        service::Change<Component, v1::DismissSuspicionResponse>(
            streams, context, {Component::kKind, id}, std::move(request), reply,
            [id](const Outcome<Component>&, v1::DismissSuspicionResponse& response) { response.set_component_id(id); });
      });
}

}  // namespace throughline::outage
