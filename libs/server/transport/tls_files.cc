#include "libs/server/transport/tls_files.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace throughline::server {
namespace {

// Otherwise OpenSSL would ask for a passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

// With OpenSSL's reason for its last failure.
absl::Status Wrong(const std::string& what, const std::string& advice) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return absl::FailedPreconditionError(
      absl::StrCat(what, reason == nullptr ? std::string() : absl::StrCat(" (", reason, ")"), ": ", advice));
}

}  // namespace

absl::Status CheckTlsFiles(const TlsOptions& tls) { return ReadTlsFiles(tls).status(); }

absl::StatusOr<TlsContext> ReadTlsFiles(const TlsOptions& tls) {
  if (tls.certificate_file.empty() || tls.key_file.empty()) {
    return absl::FailedPreconditionError("TLS needs a certificate file and a key file: give both");
  }
  for (const std::string& file : {tls.certificate_file, tls.key_file, tls.client_ca_file}) {
    if (!file.empty() && access(file.c_str(), R_OK) != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot read ", file, ": give a PEM file that this user can read"));
    }
  }
  ERR_clear_error();
  const TlsContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (context == nullptr) return Wrong("cannot set up TLS", "OpenSSL does not work on this machine");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_passwd_cb(context.get(), &NoPassphrase);
  if (SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate_file.c_str()) != 1) {
    return Wrong(absl::StrCat(tls.certificate_file, " has no certificate that can be used"),
                 "give a PEM file with the server's certificate first, then those that signed it");
  }
  // Reading compares the key only with a certificate of the same type; the check below finds other mismatches.
  const bool read = SSL_CTX_use_PrivateKey_file(context.get(), tls.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!read && ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH) {
    return Wrong(absl::StrCat(tls.key_file, " has no private key that can be used"),
                 "give a PEM file with a key and no passphrase");
  }
  if (!read || SSL_CTX_check_private_key(context.get()) != 1) {
    return Wrong(absl::StrCat("the key ", tls.key_file, " does not belong to the certificate ", tls.certificate_file),
                 "give the key that the certificate was made for");
  }
  if (!tls.client_ca_file.empty() &&
      SSL_CTX_load_verify_locations(context.get(), tls.client_ca_file.c_str(), nullptr) != 1) {
    return Wrong(absl::StrCat(tls.client_ca_file, " has no certificates that can be used"),
                 "give a PEM file with those that sign clients' certificates");
  }
  return context;
}

absl::StatusOr<absl::Time> CertificateExpiry(const std::string& file) {
  const std::unique_ptr<BIO, int (*)(BIO*)> content(BIO_new_file(file.c_str(), "r"), &BIO_free);
  absl::Time first = absl::InfiniteFuture();
  while (content != nullptr) {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(
        PEM_read_bio_X509(content.get(), nullptr, &NoPassphrase, nullptr), &X509_free);
    if (certificate == nullptr) break;
    tm until{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &until) != 1) continue;
    first = std::min(first, absl::FromTM(until, absl::UTCTimeZone()));
  }
  ERR_clear_error();  // that there are no more
  if (first != absl::InfiniteFuture()) return first;
  return absl::FailedPreconditionError(absl::StrCat(file, " has no certificate that can be read: give a PEM file"));
}

}  // namespace throughline::server
