#include "libs/crypto/random_bytes.h"

#include <openssl/rand.h>

#include "libs/store/fatal.h"

namespace throughline::crypto {

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    store::Fatal("the system gives no random bytes");
  }
  return bytes;
}

}  // namespace throughline::crypto
