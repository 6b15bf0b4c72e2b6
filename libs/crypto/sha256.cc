#include "libs/crypto/sha256.h"

#include <memory>

#include <openssl/evp.h>

#include "libs/store/fatal.h"

namespace throughline::crypto {

std::string Sha256(std::string_view bytes) {
  // Fetched once: OpenSSL 3 looks the algorithm up by name on each use of EVP_sha256().
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string digest(32, '\0');
  if (EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) != 1) {
    store::Fatal("OpenSSL offers no SHA-256: check its configuration");
  }
  return digest;
}

}  // namespace throughline::crypto
