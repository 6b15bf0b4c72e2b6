#include "services/edge/http/tls.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/server/operations/logging.h"
#include "libs/server/transport/tls_files.h"

namespace throughline::edge::http {
namespace {

namespace ssl = boost::asio::ssl;

// Only HTTP/1.1 is spoken here; a client that offers nothing we know goes on without ALPN.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                   unsigned int offered_size, void*) {
  static constexpr std::string_view kOurs = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(kOurs.data()),
                                           static_cast<unsigned int>(kOurs.size()), offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Load(const server::TlsOptions& files) {
  std::unique_ptr<TlsContext> context(new TlsContext(files));
  absl::MutexLock lock(&context->mutex_);
  context->stamps_ = context->StampsNow();
  if (absl::Status status = context->Read(); !status.ok()) return status;
  return context;
}

std::shared_ptr<ssl::context> TlsContext::Current() {
  absl::MutexLock lock(&mutex_);
  Look();
  return context_;
}

uint64_t TlsContext::Generation() {
  absl::MutexLock lock(&mutex_);
  Look();
  return generation_;
}

absl::Status TlsContext::CheckClient(const std::string& chain_pem) {
  identity::ClientAuthorities authorities;
  {
    absl::MutexLock lock(&mutex_);
    authorities = authorities_;
  }
  return identity::CheckCertificate(authorities, chain_pem);
}

void TlsContext::Look() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < std::chrono::seconds(1)) return;
  looked_ = now;
  const Stamps stamps = StampsNow();
  if (stamps == stamps_) return;
  const absl::Status status = Read();
  if (status.ok()) {
    stamps_ = stamps;
    return;
  }
  if (std::exchange(refused_, stamps) == stamps) return;  // is tried again
  server::Log(server::LogLevel::kWarning, {}, absl::StrCat("goes on with the certificate before: ", status.message()));
}

TlsContext::Stamps TlsContext::StampsNow() const {
  Stamps stamps;
  std::error_code ignored;
  stamps[0] = std::filesystem::last_write_time(files_.certificate_file, ignored);
  stamps[1] = std::filesystem::last_write_time(files_.key_file, ignored);
  if (!files_.client_ca_file.empty()) stamps[2] = std::filesystem::last_write_time(files_.client_ca_file, ignored);
  return stamps;
}

absl::Status TlsContext::Read() {
  if (absl::Status status = server::CheckTlsFiles(files_); !status.ok()) return status;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                           ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION |
                           SSL_OP_NO_COMPRESSION,
                       error);
  if (!error) context->use_certificate_chain_file(files_.certificate_file, error);
  if (!error) context->use_private_key_file(files_.key_file, ssl::context::pem, error);
  if (!error && !files_.client_ca_file.empty()) {
    context->load_verify_file(files_.client_ca_file, error);
    if (!error) context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
  }
  if (error) return absl::FailedPreconditionError(absl::StrCat("the certificate cannot be used: ", error.message()));
  identity::ClientAuthorities authorities;
  if (!files_.client_ca_file.empty()) {
    // Every connection shows its certificate anew. A session that goes on would not, and OpenSSL refuses it.
    SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context->native_handle(), 0);
    auto read = identity::ReadClientAuthorities(files_.client_ca_file);
    if (!read.ok()) return read.status();
    authorities = *std::move(read);
  }
  // Idle connections then hold no buffers of OpenSSL.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), &ChooseProtocol, nullptr);
  context_ = std::move(context);
  authorities_ = std::move(authorities);
  ++generation_;
  return absl::OkStatus();
}

}  // namespace throughline::edge::http
