#include "libs/crypto/authorities.h"

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "libs/files/whole_file.h"

namespace throughline::crypto {
namespace {

constexpr std::chrono::milliseconds kEvery(500);

// How many certificates a PEM text holds; nullopt: one of them cannot be read.
std::optional<int> CountCertificates(const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  int count = 0;
  for (;;) {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                                                             &X509_free);
    if (certificate == nullptr) break;
    ++count;
  }
  const bool ends = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return ends ? std::optional(count) : std::nullopt;
}

absl::StatusOr<std::string> Read(const std::string& path) {
  const auto bad = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("the file ", path, " ", what));
  };
  std::optional<std::string> pem = files::ReadFile(path);
  if (!pem) return bad("cannot be read");
  const std::optional<int> count = CountCertificates(*pem);
  if (!count) return bad("holds a certificate that cannot be read: it needs PEM certificates of authorities");
  if (*count == 0) return bad("holds no certificate: it needs PEM certificates of authorities");
  return *std::move(pem);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Authorities>> FollowAuthorities(const std::string& path) {
  auto loaded = Authorities::Load(
      {path}, [path] { return Read(path); }, kEvery);
  if (!loaded.ok()) return loaded.status();
  return *std::move(loaded);
}

}  // namespace throughline::crypto
