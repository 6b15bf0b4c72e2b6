#pragma once

// The common part of gRPC handlers. Read waits for a consistency token and reads rows; Change executes a command and
// fills the response. Any thread.
//
//   api.Unary<GetCaseRequest, GetCaseResponse>("GetCase", [&](const Context& context, auto request, auto reply) {
//     Read<GetCaseResponse>(streams, context, request.consistency_token(), reply,
//                           [id = request.case_id()](const store::KeyValue& rows) { return GetCase(rows, id); });
//   });
//   api.Unary<CloseCaseRequest, CloseCaseResponse>("CloseCase", [&](const Context& context, auto request, auto reply) {
//     Change<Case, CloseCaseResponse>(streams, context, {"case", request.case_id()}, request, reply,
//                                     [](const auto& outcome, auto& response) { response.set_case_id(...); });
//   });

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::service {

// Calls `find`. If that is NOT_FOUND, waits until the log's present end is folded and calls it again, so that a lagging
// replica does not deny what exists. `find` runs on any thread; `found` gets the result, exactly once.
template <typename T>
void Find(runtime::Streams& streams, absl::Time deadline, std::function<absl::StatusOr<T>()> find,
          std::function<void(absl::StatusOr<T>)> found) {
  absl::StatusOr<T> first = find();
  if (!absl::IsNotFound(first.status())) return found(std::move(first));
  streams.AfterPresent(deadline, [find = std::move(find), found = std::move(found)](const absl::Status& status) {
    found(status.ok() ? find() : absl::StatusOr<T>(status));
  });
}

// Waits for `token` (may be empty), then replies with `read(rows)`, where `rows` is a snapshot. Sets the response's
// `consistency_token`, if it has one, to the positions that the snapshot covers.
template <typename Response>
void Read(runtime::Streams& streams, const server::Context& context, std::string_view token,
          server::Reply<Response> reply, std::function<absl::StatusOr<Response>(const store::KeyValue&)> read) {
  const absl::Time deadline = context.deadline();
  streams.AfterToken(token, deadline, [&streams, deadline, reply, read = std::move(read)](const absl::Status& status) {
    if (!status.ok()) return reply(status);
    const auto seen = [&streams, read] {
      const std::string token = streams.SeenToken();
      absl::StatusOr<Response> response = read(*streams.View());
      if constexpr (requires { response->set_consistency_token(token); }) {
        if (response.ok()) response->set_consistency_token(token);
      }
      return response;
    };
    Find<Response>(streams, deadline, seen, [reply](absl::StatusOr<Response> response) { reply(response); });
  });
}

// Executes a command on one stream and sets command_id, version and consistency_token of the response. `fill` sets the
// other fields. A retry calls `fill` without events, so it may only use ids derived from the command
// (runtime::DerivedId), the version, the token and rows.
template <typename S, typename Response, typename C>
void Change(runtime::Streams& streams, const server::Context& context, runtime::StreamId stream, C command,
            server::Reply<Response> reply, std::function<void(const runtime::Outcome<S>&, Response&)> fill = nullptr) {
  context.SetStream(stream.ToString());
  const runtime::Caller& caller = context.caller();
  streams.Execute<S>(
      std::move(stream), std::move(command), caller, context.deadline(),
      [reply, fill = std::move(fill), id = caller.command_id](absl::StatusOr<runtime::Outcome<S>> outcome) {
        if (!outcome.ok()) return reply(outcome.status());
        Response response;
        response.set_command_id(id);
        response.set_version(outcome->version);
        response.set_consistency_token(outcome->token);
        if (fill) fill(*outcome, response);
        reply(response);
      });
}

}  // namespace throughline::service
