#include "libs/runtime/domain/ids.h"

#include "libs/crypto/random_bytes.h"
#include "libs/crypto/sha256.h"
#include "libs/store/key.h"

namespace throughline::runtime {
namespace {

std::string Base32(std::string_view sixteen_bytes) {
  constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string text;
  uint32_t buffer = 0;
  int bits = 0;
  for (char c : sixteen_bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) text.push_back(kAlphabet[(buffer >> (bits - 5)) & 31]);
  }
  text.push_back(kAlphabet[(buffer << (5 - bits)) & 31]);
  return text;
}

}  // namespace

std::string DerivedId(const Caller& caller, std::string_view purpose) {
  std::string seed;
  for (std::string_view part : {std::string_view(caller.id), std::string_view(caller.command_id), purpose}) {
    store::AppendKey(seed, part);
  }
  return Base32(std::string_view(crypto::Sha256(seed)).substr(0, 16));
}

std::string RandomId() { return Base32(crypto::RandomBytes(16)); }

}  // namespace throughline::runtime
