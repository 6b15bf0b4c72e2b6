#pragma once

// One gRPC call over HTTP/2, written byte by byte: for what no gRPC client sends. One thread.
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
  // A connection that says nothing yet. `address`: an IPv4 address and a port. UNAVAILABLE: nobody takes it.
  static absl::StatusOr<RawGrpc> To(const std::string& address);
  RawGrpc(RawGrpc&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  RawGrpc& operator=(RawGrpc&&) = delete;
  ~RawGrpc();

  // What a client says first; a server ends who does not say it.
  bool Greet();
  // The whole request, after Greet, without credentials. With an `encoding` the message is marked as compressed. At
  // most 60 kB: more would have to wait for the server's windows.
  bool Send(std::string_view path, std::string_view encoding, std::string_view message);
  // What came until the server ended the call or the connection, or five seconds without a byte: frames, in which
  // gRPC's texts stand in the clear.
  std::string Answer();
  // Whether the server has ended the connection, or does within `seconds`.
  bool EndsWithin(int seconds);

 private:
  explicit RawGrpc(int fd) : fd_(fd) {}
  bool Write(std::string_view bytes);

  int fd_;
};

// `bytes` zeros, a thousandth of that on the wire.
std::string GzipOfZeros(size_t bytes);

}  // namespace throughline::testing
