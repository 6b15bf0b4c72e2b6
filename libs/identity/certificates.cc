#include "libs/identity/certificates.h"

#include <algorithm>
#include <sys/stat.h>
#include <toml++/toml.h>

#include "absl/strings/str_cat.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "libs/files/whole_file.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::identity {
namespace {

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

absl::Status BadMap(const std::string& path, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(path, ": ", what));
}

// Null: a key is unknown, or a value has another type.
std::shared_ptr<Identity> ParseIdentity(const toml::table& table) {
  auto identity = std::make_shared<Identity>();
  for (const auto& [key, node] : table) {
    std::string* const text = key == "name"    ? &identity->name
                              : key == "party" ? &identity->party
                              : key == "team"  ? &identity->team
                                               : nullptr;
    if (text != nullptr && node.is_string()) {
      *text = node.as_string()->get();
    } else if (key == "roles" && node.is_array()) {
      for (const toml::node& name : *node.as_array()) {
        const auto role = ParseRole(name.value_or(std::string_view()));
        if (!role) return nullptr;
        identity->roles.push_back(*role);
      }
    } else {
      return nullptr;
    }
  }
  auto& roles = identity->roles;
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  return identity;
}

std::vector<Certificate> ParseChain(std::string_view pem) {
  std::vector<Certificate> chain;
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    chain.emplace_back(certificate, &X509_free);
  }
  ERR_clear_error();
  return chain;
}

absl::Status NotTrusted(absl::string_view why) {
  return runtime::Refuse(absl::StatusCode::kUnauthenticated, "CERTIFICATE_NOT_TRUSTED",
                         absl::StrCat("the client's certificate is not trusted any more (", why,
                                      "): connect again with one that the server's client CA signed"));
}

}  // namespace

const std::string* CertificateMap::KeyOf(const PeerCertificate& certificate) const {
  for (const std::string& uri : certificate.uris) {
    if (const auto it = identities.find(uri); it != identities.end()) return &it->first;
  }
  const auto it = certificate.subject.empty() ? identities.end() : identities.find(certificate.subject);
  return it == identities.end() ? nullptr : &it->first;
}

absl::StatusOr<CertificateMap> ReadCertificateMap(const std::string& path) {
  struct stat info;
  const auto content = stat(path.c_str(), &info) == 0 ? files::ReadFile(path) : std::nullopt;
  if (!content) return absl::NotFoundError(absl::StrCat("cannot read the identities of certificates in ", path));
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, " can be written by others: chmod go-w ", path));
  }
  toml::table document;
  try {
    document = toml::parse(*content);
  } catch (const toml::parse_error& error) {
    return BadMap(path, absl::StrCat("line ", error.source().begin.line, " is not TOML"));
  }
  CertificateMap map;
  for (const auto& [key, node] : document) {
    const std::string certificate(key.str());
    const std::shared_ptr<Identity> identity = node.is_table() ? ParseIdentity(*node.as_table()) : nullptr;
    if (identity == nullptr) {
      return BadMap(path, absl::StrCat("[\"", certificate, "\"] takes name, roles, party and team, and nothing else"));
    }
    if (absl::Status status = CheckIdentity(*identity); !status.ok()) {
      return BadMap(path, absl::StrCat("[\"", certificate, "\"]: ", status.message()));
    }
    map.identities[certificate] = identity;
  }
  return map;
}

absl::StatusOr<ClientAuthorities> ReadClientAuthorities(const std::string& path) {
  const auto content = files::ReadFile(path);
  if (!content) return absl::NotFoundError(absl::StrCat("cannot read the clients' authorities in ", path));
  ClientAuthorities store(X509_STORE_new(), &X509_STORE_free);
  const std::vector<Certificate> certificates = ParseChain(*content);
  for (const Certificate& one : certificates) X509_STORE_add_cert(store.get(), one.get());
  if (certificates.empty()) return BadMap(path, "no certificate is in it: give a PEM file");
  return store;
}

absl::Status CheckCertificate(const ClientAuthorities& authorities, std::string_view chain_pem) {
  const std::vector<Certificate> chain = ParseChain(chain_pem);
  if (chain.empty()) return NotTrusted("the connection shows none");
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> others(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  for (size_t i = 1; i < chain.size(); ++i) sk_X509_push(others.get(), chain[i].get());
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> context(X509_STORE_CTX_new(), &X509_STORE_CTX_free);
  if (X509_STORE_CTX_init(context.get(), authorities.get(), chain[0].get(), others.get()) != 1) {
    return NotTrusted("it cannot be checked");
  }
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return NotTrusted(X509_verify_cert_error_string(error));
}

}  // namespace throughline::identity
