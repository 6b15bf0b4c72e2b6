#pragma once

// Every unary call and server stream of the services over the Connect protocol
// (https://connectrpc.com/docs/protocol): POST with application/json or application/proto, GET for calls without side
// effects, application/connect+json and +proto for streams. Generic through descriptors; no code per call.
//
//   Handler handler(forwarder, client::AllServices(), {});
//   handler.Handle(exchange);    // a path such as /throughline.intake.v1.IntakeService/OpenCase
//
// Any thread. It and the forwarder outlive the exchanges.

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"

#include "libs/client/forward.h"
#include "services/edge/connect/headers.h"
#include "services/edge/http/exchange.h"

namespace throughline::edge::connect {

struct Options {
  size_t message_bytes = 1 << 20;               // of a request, decompressed
  absl::Duration deadline = absl::Seconds(30);  // of unary calls whose client sets none
  HeaderRules headers;
};

class Handler {
 public:
  // Labels of the metrics.
  static constexpr char kPost[] = "connect_post";
  static constexpr char kGet[] = "connect_get";
  static constexpr char kStream[] = "connect_stream";
  static constexpr char kNone[] = "none";

  // `forwarder` must outlive it.
  Handler(const client::Forwarder& forwarder, const std::vector<const google::protobuf::ServiceDescriptor*>& services,
          Options options);

  // Answers, in any case; 404 for a path that is no call.
  void Handle(std::shared_ptr<http::Exchange> exchange) const;

 private:
  const client::Forwarder& forwarder_;
  const Options options_;
  absl::flat_hash_map<std::string, const google::protobuf::MethodDescriptor*> methods_;  // by path
};

}  // namespace throughline::edge::connect
