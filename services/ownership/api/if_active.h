#pragma once

// What every handler does before a command of a person: it is refused if they are deactivated.
//
//   IfActive<Ownership, Request, Response>(streams, {Ownership::kKind, case_id}, request, reply, fill, [=] { ... });
//
// Any thread.

#include <functional>
#include <utility>

#include "libs/service/calls.h"
#include "services/ownership/domain/remedies/barred.h"
#include "services/ownership/people/people.h"

namespace throughline::ownership {

// Calls `go`, unless the caller is deactivated. That is decided in the present, so that a lagging replica refuses
// nobody who is back, and on the stream, so that a retry of what had its effect is answered as before, by `fill`.
// `request` is the one that the command of `go` carries.
template <typename S, typename Request, typename Response, typename Fill>
void IfActive(runtime::Streams& streams, runtime::StreamId stream, const Request& request,
              server::Reply<Response> reply, Fill fill, std::function<void()> go) {
  if (CheckCaller(*streams.View(), reply.context().caller()).ok()) return go();
  streams.AfterPresent(reply.context().deadline(),
                       [&streams, stream = std::move(stream), request, reply, fill, go](const absl::Status& status) {
                         if (!status.ok()) return reply(status);
                         absl::Status refused = CheckCaller(*streams.View(), reply.context().caller());
                         if (refused.ok()) return go();
                         service::Change<S, Response>(streams, reply.context(), stream,
                                                      Barred<Request>{request, std::move(refused)}, reply, fill);
                       });
}

}  // namespace throughline::ownership
