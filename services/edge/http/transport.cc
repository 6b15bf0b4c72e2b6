#include "services/edge/http/transport.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace throughline::edge::http {

Transport::Transport(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> tls)
    : tls_(std::move(tls)), watchdog_(socket.get_executor()) {
  if (tls_ != nullptr) {
    tls_stream_.emplace(std::move(socket), *tls_);
  } else {
    plain_.emplace(std::move(socket));
  }
}

std::string Transport::PeerCertificates() {
  SSL* const tls = tls_stream_->native_handle();
  const std::unique_ptr<X509, void (*)(X509*)> own(SSL_get1_peer_certificate(tls), &X509_free);
  if (own == nullptr) return "";
  const std::unique_ptr<BIO, int (*)(BIO*)> pem(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(pem.get(), own.get());
  // Of a server's peer it holds only what signed the certificate.
  STACK_OF(X509)* const others = SSL_get_peer_cert_chain(tls);
  for (int i = 0; i < sk_X509_num(others); ++i) PEM_write_bio_X509(pem.get(), sk_X509_value(others, i));
  char* begin = nullptr;
  const auto bytes = BIO_get_mem_data(pem.get(), &begin);
  return {begin, static_cast<size_t>(bytes)};
}

// Closes the connection at `until`, unless the watch is taken back before.
void Transport::Watch(Clock::time_point until) {
  watchdog_.expires_at(until);
  watchdog_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](const ErrorCode& error) {
    if (!error && !alive.expired() && watchdog_.expiry() <= Clock::now()) Close();
  });
}

asio::awaitable<ErrorCode> Transport::Handshake(Clock::time_point until) {
  Watch(until);
  const auto [error] = co_await tls_stream_->async_handshake(asio::ssl::stream_base::server, kAwaitTuple);
  watchdog_.expires_at(Clock::time_point::max());
  co_return error;
}

asio::awaitable<ErrorCode> Transport::Write(std::string_view bytes, Clock::time_point until) {
  Watch(until);
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  const auto [error, written] = tls_stream_.has_value() ? co_await asio::async_write(*tls_stream_, buffer, kAwaitTuple)
                                                        : co_await asio::async_write(*plain_, buffer, kAwaitTuple);
  watchdog_.expires_at(Clock::time_point::max());
  co_return error;
}

asio::awaitable<void> Transport::Finish(Clock::time_point until) {
  if (tls_stream_.has_value()) {
    Watch(until);
    co_await tls_stream_->async_shutdown(kAwaitTuple);
    watchdog_.expires_at(Clock::time_point::max());
  }
  ErrorCode ignored;
  socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

asio::awaitable<std::pair<ErrorCode, size_t>> Transport::Read(asio::mutable_buffer buffer) {
  const auto [error, bytes] = tls_stream_.has_value() ? co_await tls_stream_->async_read_some(buffer, kAwaitTuple)
                                                      : co_await plain_->async_read_some(buffer, kAwaitTuple);
  co_return std::pair(error, bytes);
}

void Transport::Close() {
  ErrorCode ignored;
  socket().close(ignored);
  watchdog_.cancel();
}

}  // namespace throughline::edge::http
