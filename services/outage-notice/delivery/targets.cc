#include "services/outage-notice/delivery/targets.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>

namespace throughline::outage {
namespace {

struct Range {
  uint32_t network;
  int bits;
};

constexpr uint32_t Quad(uint32_t a, uint32_t b, uint32_t c, uint32_t d) { return (a << 24) | (b << 16) | (c << 8) | d; }

constexpr std::array kNotPublic = {
    Range{Quad(0, 0, 0, 0), 8},      Range{Quad(10, 0, 0, 0), 8},     Range{Quad(100, 64, 0, 0), 10},
    Range{Quad(127, 0, 0, 0), 8},    Range{Quad(169, 254, 0, 0), 16}, Range{Quad(172, 16, 0, 0), 12},
    Range{Quad(192, 0, 0, 0), 24},   Range{Quad(192, 0, 2, 0), 24},   Range{Quad(192, 88, 99, 0), 24},
    Range{Quad(192, 168, 0, 0), 16}, Range{Quad(198, 18, 0, 0), 15},  Range{Quad(198, 51, 100, 0), 24},
    Range{Quad(203, 0, 113, 0), 24}, Range{Quad(224, 0, 0, 0), 4},    Range{Quad(240, 0, 0, 0), 4},
};

bool IsPublic4(uint32_t address) {
  for (const Range& range : kNotPublic) {
    if ((address >> (32 - range.bits)) == (range.network >> (32 - range.bits))) return false;
  }
  return true;
}

// Of IPv6 only 2000::/3 is in use. In it, 2001::/23 is of protocols (Teredo among them), 2001:db8::/32 and 3fff::/20
// for documentation, and 2002::/16 stands for addresses of IPv4. ::ffff:0:0/96 is IPv4 itself.
bool IsPublic6(const uint8_t* bytes) {
  constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes, kMapped, sizeof kMapped) == 0) {
    return IsPublic4(Quad(bytes[12], bytes[13], bytes[14], bytes[15]));
  }
  if ((bytes[0] & 0xe0) != 0x20) return false;
  if (bytes[0] == 0x20 && bytes[1] == 0x01) {
    if (bytes[2] < 0x02 || (bytes[2] == 0x0d && bytes[3] == 0xb8)) return false;
  }
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return false;
  return !(bytes[0] == 0x3f && bytes[1] == 0xff && bytes[2] < 0x10);
}

}  // namespace

bool IsPublic(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in inet;
    std::memcpy(&inet, &address, sizeof inet);
    return IsPublic4(ntohl(inet.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 inet;
    std::memcpy(&inet, &address, sizeof inet);
    return IsPublic6(inet.sin6_addr.s6_addr);
  }
  return false;
}

}  // namespace throughline::outage
