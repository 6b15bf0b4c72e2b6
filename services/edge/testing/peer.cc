#include "services/edge/testing/peer.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/ascii.h"
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace throughline::edge::testing {

struct Peer::Tls {
  Tls() : context(SSL_CTX_new(TLS_client_method())), ssl(SSL_new(context)) {}
  ~Tls() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  SSL_CTX* context;
  SSL* ssl;
};

std::string Peer::Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Peer::Peer(int port, bool tls) {
  Connect(port);
  if (!tls || fd_ < 0) return;
  tls_ = std::make_unique<Tls>();
  Handshake();
}

Peer::Peer(int port, const CertificateFiles& shown) {
  Connect(port);
  if (fd_ < 0) return;
  tls_ = std::make_unique<Tls>();
  SSL_use_certificate_file(tls_->ssl, shown.certificate.c_str(), SSL_FILETYPE_PEM);
  SSL_use_PrivateKey_file(tls_->ssl, shown.key.c_str(), SSL_FILETYPE_PEM);
  Handshake();
}

void Peer::Connect(int port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int at_once = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Close();
}

void Peer::Handshake() {
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a connection that has ended
  SSL_set_fd(tls_->ssl, fd_);
  if (SSL_connect(tls_->ssl) != 1) Close();
}

Peer::~Peer() { Close(); }

void Peer::Close() {
  tls_.reset();
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void Peer::EndSending() {
  if (fd_ >= 0) shutdown(fd_, SHUT_WR);
}

bool Peer::Send(std::string_view bytes) {
  while (!bytes.empty() && fd_ >= 0) {
    const ssize_t sent = tls_ != nullptr ? SSL_write(tls_->ssl, bytes.data(), static_cast<int>(bytes.size()))
                                         : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return fd_ >= 0;
}

bool Peer::Fill() {
  char buffer[16384];
  const ssize_t got =
      tls_ != nullptr ? SSL_read(tls_->ssl, buffer, sizeof buffer) : recv(fd_, buffer, sizeof buffer, 0);
  if (got <= 0) {
    timed_out_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    return false;
  }
  received_.append(buffer, static_cast<size_t>(got));
  return true;
}

std::string Peer::TakeLine() {
  while (received_.find("\r\n") == std::string::npos) {
    if (!Fill()) return "";
  }
  return Take(received_.find("\r\n") + 2);
}

std::string Peer::Take(size_t bytes) {
  while (received_.size() < bytes && Fill()) {
  }
  std::string taken = received_.substr(0, bytes);
  received_.erase(0, taken.size());
  return taken;
}

Peer::Answer Peer::ReadHead() {
  Answer answer;
  const std::string first = TakeLine();
  if (first.rfind("HTTP/1.1 ", 0) != 0) return answer;
  answer.status = std::atoi(first.c_str() + 9);
  for (std::string line = TakeLine(); line.size() > 2; line = TakeLine()) {
    const size_t colon = line.find(':');
    answer.headers.emplace(absl::AsciiStrToLower(line.substr(0, colon)),
                           std::string(absl::StripAsciiWhitespace(line.substr(colon + 1))));
  }
  return answer;
}

std::string Peer::ReadChunk() {
  const std::string size = TakeLine();
  if (size.empty()) return "";
  std::string chunk = Take(std::strtoul(size.c_str(), nullptr, 16));
  Take(2);
  return chunk;
}

Peer::Answer Peer::Read(bool head) {
  Answer answer = ReadHead();
  if (answer.status == 100) answer = ReadHead();
  if (head || answer.status == 0 || answer.status == 204 || answer.status == 304) return answer;
  if (answer.header("transfer-encoding") == "chunked") {
    for (std::string chunk = ReadChunk(); !chunk.empty(); chunk = ReadChunk()) answer.body += chunk;
  } else if (const std::string length = answer.header("content-length"); !length.empty()) {
    answer.body = Take(std::strtoul(length.c_str(), nullptr, 10));
  } else {
    while (Fill()) {
    }
    answer.body = std::exchange(received_, "");
  }
  return answer;
}

bool Peer::Closed() {
  while (fd_ >= 0 && Fill()) {
  }
  return fd_ < 0 || !timed_out_;
}

std::string Peer::certificate() const {
  if (tls_ == nullptr) return "";
  X509* certificate = SSL_get1_peer_certificate(tls_->ssl);
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  X509_free(certificate);
  return name;
}

CertificateFiles WriteCertificate(const std::string& directory, const std::string& name) {
  CertificateFiles files{directory + "/" + name + ".pem", directory + "/" + name + ".key"};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = fopen(files.certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  fclose(file);
  file = fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

}  // namespace throughline::edge::testing
