#pragma once

// A client that sends any bytes as messages, with any credential, to any method.
//
//   RawClient raw("127.0.0.1:7070");
//   RawAnswer answer = raw.Call({.path = "/throughline.intake.v1.IntakeService/OpenCase", .messages = {"\xff\xff"}});
//
// Any thread.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace throughline::hostile {

struct RawRequest {
  std::string path;
  std::vector<std::string> messages;  // sent in order; then the client half-closes
  std::string authorization;          // the whole value of the header; empty: none is sent
  absl::Duration timeout = absl::Seconds(10);
  bool one_answer = false;  // cancels after the first answer and counts that as OK
};

struct RawAnswer {
  absl::Status status;  // with google.rpc details as payloads
  std::vector<std::string> messages;
};

class RawClient {
 public:
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  RawAnswer Call(const RawRequest& request) const;

 private:
  struct Connection;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace throughline::hostile
