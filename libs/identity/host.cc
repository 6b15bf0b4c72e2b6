#include "libs/identity/host.h"

#include <unistd.h>

namespace throughline::identity {

std::string HostName() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return host;
}

std::string ProcessName() { return HostName() + "-" + std::to_string(getpid()); }

}  // namespace throughline::identity
