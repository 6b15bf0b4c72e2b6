#pragma once

// What unary calls and streams share: reading a request, and holding the call under way. Internal to this folder.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/descriptor.pb.h"

#include "services/edge/connect/codec.h"
#include "services/edge/connect/error.h"
#include "services/edge/connect/handler.h"

namespace throughline::edge::connect {

// From this size on an answer is compressed, if the client takes it.
inline constexpr size_t kCompressFrom = 1024;

inline bool IsRead(const google::protobuf::MethodDescriptor& method) {
  return method.options().idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

// A message as it came. `coding`: "", "identity" or "gzip". UNIMPLEMENTED: another; RESOURCE_EXHAUSTED: it is too
// large.
absl::StatusOr<std::string> Decoded(std::string_view message, std::string_view coding, size_t most);

// The call to make. INVALID_ARGUMENT, with what is wrong; DEADLINE_EXCEEDED: there is no time. A command without an id
// gets one, so that it may be sent to another replica.
absl::StatusOr<client::Forwarded> ToForward(const google::protobuf::MethodDescriptor& method, Codec codec,
                                            std::string message, const http::Request& request, const Options& options);

// A call that its client may leave before it is made, and that may end before its maker knows it. Any thread.
class CallHolder {
 public:
  void Set(std::shared_ptr<client::ForwardedCall> call) ABSL_LOCKS_EXCLUDED(mutex_);
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_);
  void Read() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  std::shared_ptr<client::ForwardedCall> call_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool reads_ ABSL_GUARDED_BY(mutex_) = false;
};

// Answers with an error as JSON.
void Refuse(http::Exchange& exchange, int http_status, const Error& error, http::Headers headers = {});

// `message`: a unary call's request, decompressed.
void CallUnary(std::shared_ptr<http::Exchange> exchange, const client::Forwarder& forwarder,
               const google::protobuf::MethodDescriptor& method, Codec codec, absl::StatusOr<std::string> message,
               const Options& options);
void CallStream(std::shared_ptr<http::Exchange> exchange, const client::Forwarder& forwarder,
                const google::protobuf::MethodDescriptor& method, Codec codec, const Options& options);

}  // namespace throughline::edge::connect
