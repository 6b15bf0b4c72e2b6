#pragma once

// Which addresses of the network a webhook may lead to.
//
// Pure functions; any thread.

#include <sys/socket.h>

namespace throughline::outage {

// Whether it is an address of the public internet: not private, link-local, loopback, multicast, reserved or for
// documentation (the registries of RFC 6890), nor one of IPv6 that stands for such one of IPv4.
bool IsPublic(const sockaddr& address);

}  // namespace throughline::outage
