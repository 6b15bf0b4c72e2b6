#pragma once

// One gRPC call over HTTP/2, written byte by byte: for requests that no gRPC client sends. One thread.
//
//   auto call = RawGrpc::To(port);
//   call->Send("/throughline.intake.v1.IntakeService/GetCase", "gzip", GzipOfZeros(60 << 20));
//   EXPECT_THAT(call->Answer(), HasSubstr("disabled"));

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace throughline::testing {

class RawGrpc {
 public:
  // Opens a connection. `address`: an IPv4 address and a port. UNAVAILABLE: it is refused.
  static absl::StatusOr<RawGrpc> To(const std::string& address);
  RawGrpc(RawGrpc&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  RawGrpc& operator=(RawGrpc&&) = delete;
  ~RawGrpc();

  // Sends the HTTP/2 preface; a server closes a connection without it.
  bool Greet();
  // Sends the whole request, after Greet, without credentials. With an `encoding` the message is marked as compressed.
  // At most 60 kB: more would need flow control.
  bool Send(std::string_view path, std::string_view encoding, std::string_view message);
  // The bytes received until the server ends the call or the connection, or five seconds of silence: raw frames, in
  // which gRPC's texts are readable.
  std::string Answer();
  // Whether the server closes the connection within `seconds`.
  bool EndsWithin(int seconds);

 private:
  explicit RawGrpc(int fd) : fd_(fd) {}
  bool Write(std::string_view bytes);

  int fd_;
};

// `bytes` zeros, compressed to a thousandth.
std::string GzipOfZeros(size_t bytes);

}  // namespace throughline::testing
