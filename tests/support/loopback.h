#pragma once

// Addresses of this machine, for sockets.

#include <cstdint>
#include <netinet/in.h>

namespace throughline::testing {

// `port` 0: for bind, any free one.
inline sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

}  // namespace throughline::testing
