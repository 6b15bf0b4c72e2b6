#pragma once

// What most handlers do, once: wait for a token and read; gather facts, give a command, fill the response. Any thread.
//
//   api.Unary<v1::GetCaseRequest, v1::GetCaseResponse>("GetCase", [&](const Context& context, auto request, auto reply)
//   {
//     Read<v1::GetCaseResponse>(streams, context, request.consistency_token(), reply,
//                               [id = request.case_id()](const store::KeyValue& rows) { return cases::Get(rows, id);
//                               });
//   });
//   api.Unary<v1::RecordContactRequest, v1::RecordContactResponse>("RecordContact", [&](const Context& context, auto
//   request, auto reply) {
//     Change<Case, v1::RecordContactResponse>(streams, context, {"case", request.case_id()}, request, reply,
//                                             [](const auto& outcome, auto& response) { response.set_contact_id(...);
//                                             });
//   });

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::service {

// Answers `find()` once the present has been folded if it is NOT_FOUND before: a replica that lags does not deny what
// is there. `find` may be called twice, on any thread; `found` once, also with a failure.
template <typename T>
void Find(runtime::Streams& streams, absl::Time deadline, std::function<absl::StatusOr<T>()> find,
          std::function<void(absl::StatusOr<T>)> found) {
  absl::StatusOr<T> first = find();
  if (!absl::IsNotFound(first.status())) return found(std::move(first));
  streams.AfterPresent(deadline, [find = std::move(find), found = std::move(found)](const absl::Status& status) {
    found(status.ok() ? find() : absl::StatusOr<T>(status));
  });
}

// A read: waits for `consistency_token` (may be empty), then answers `read(rows)`, of rows of one moment, and in the
// response's `consistency_token` what it has seen.
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

// A command to one stream. `fill` adds to the response what is its own; command_id, version and token are set here.
// `fill` must work from what a retry has too: ids that follow from the command (runtime::DerivedId), version, token.
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
