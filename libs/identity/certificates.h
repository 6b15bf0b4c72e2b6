#pragma once

// Client certificates: which identity each stands for, and whether it is still trusted.
//
// The map is a TOML file, with a table for each certificate: by a URI of its subject alternative names, or by its
// subject as RFC 2253 writes it (`openssl x509 -noout -subject -nameopt RFC2253`, without `subject=`).
//
//     ["spiffe://example.com/webshop"]
//     name = "webshop"
//     roles = ["service"]
//
//     ["CN=edi,O=United Parcel Service"]
//     name = "ups"
//     roles = ["partner"]
//     party = "ups"
//
// Values and pure functions; any thread.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/identity/identity.h"

struct x509_store_st;

namespace throughline::identity {

// What the connection of a call has shown. The transport has checked it when the connection was made.
struct PeerCertificate {
  std::string subject;            // RFC 2253
  std::vector<std::string> uris;  // of its subject alternative names
  std::string chain_pem;          // itself first, then those that signed it, as far as they came
};

struct CertificateMap {
  std::map<std::string, std::shared_ptr<const Identity>> identities;  // by URI or subject

  // The key of `identities` that the certificate has; a URI counts before the subject. Null: none.
  const std::string* KeyOf(const PeerCertificate& certificate) const;
};

// NOT_FOUND: there is no file. FAILED_PRECONDITION: others may write it. DATA_LOSS, with the line or the certificate:
// it is not such a file.
absl::StatusOr<CertificateMap> ReadCertificateMap(const std::string& path);

// The authorities that sign clients' certificates.
using ClientAuthorities = std::shared_ptr<x509_store_st>;
absl::StatusOr<ClientAuthorities> ReadClientAuthorities(const std::string& path);

// Whether one of them signed the certificate, and it is valid now. A connection is checked by the transport when it is
// made, but lives on when the authorities change or the certificate expires. UNAUTHENTICATED CERTIFICATE_NOT_TRUSTED.
absl::Status CheckCertificate(const ClientAuthorities& authorities, std::string_view chain_pem);

}  // namespace throughline::identity
