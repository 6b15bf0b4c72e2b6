#pragma once

// A client's TCP connection, with TLS or without. One read and one write may be under way. Internal to this folder. One
// thread.

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/edge/http/asio.h"

namespace throughline::edge::http {

class Transport {
 public:
  // `tls`: null for none.
  Transport(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> tls);

  bool encrypted() const { return tls_stream_.has_value(); }
  // After the handshake: the client's certificate and those that signed it, as far as they came, in PEM. Empty: none.
  std::string PeerCertificates();

  // Each gives up at `until`, and the connection is closed then.
  asio::awaitable<ErrorCode> Handshake(Clock::time_point until);
  asio::awaitable<ErrorCode> Write(std::string_view bytes, Clock::time_point until);
  // Tells the client that nothing more comes.
  asio::awaitable<void> Finish(Clock::time_point until);

  // Has no limit of time.
  asio::awaitable<std::pair<ErrorCode, size_t>> Read(asio::mutable_buffer buffer);

  // Everything under way fails.
  void Close();

 private:
  asio::ip::tcp::socket& socket() { return tls_stream_.has_value() ? tls_stream_->next_layer() : *plain_; }
  void Watch(Clock::time_point until);

  const std::shared_ptr<asio::ssl::context> tls_;
  std::optional<asio::ip::tcp::socket> plain_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket>> tls_stream_;
  asio::steady_timer watchdog_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace throughline::edge::http
