#pragma once

// For tests: a small OTLP collector on a free port of loopback, which keeps what it gets.
//
//   Receiver receiver;
//   ... something exports to receiver.endpoint() ...
//   receiver.Await(3);
//   EXPECT_EQ(receiver.spans().front().span.name(), "OpenCase");
//
// Any thread.

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace throughline::tracing::testing {

struct ReceivedSpan {
  std::string service;  // service.name of its resource
  opentelemetry::proto::trace::v1::Span span;

  std::string Id() const;        // in hex
  std::string ParentId() const;  // empty: a root
  std::string TraceId() const;
};

class Receiver {
 public:
  // With TLS, if it has a certificate. A port of 0: any free one.
  struct Tls {
    std::string certificate_pem, key_pem;
  };
  Receiver() : Receiver(Tls(), 0) {}
  Receiver(const Tls& tls, int port);
  ~Receiver();

  const std::string& endpoint() const { return endpoint_; }
  int port() const { return port_; }
  // What the following exports are answered with; OK at first.
  void AnswerWith(grpc::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  // False: fewer than `count` spans have come in that time.
  bool Await(size_t count, absl::Duration patience = absl::Seconds(10)) ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<ReceivedSpan> spans() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Of the trace, each with those below it indented by two more spaces: "throughline-intake OpenCase". In order of
  // their beginnings.
  std::string Tree(const std::string& trace_id) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Service;

  grpc::Status Take(const opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest& request)
      ABSL_LOCKS_EXCLUDED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<ReceivedSpan> spans_ ABSL_GUARDED_BY(mutex_);
  grpc::Status answer_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::string endpoint_;
};

}  // namespace throughline::tracing::testing
