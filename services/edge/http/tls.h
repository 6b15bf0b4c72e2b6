#pragma once

// The server's certificate, read again when its files change. Internal to this folder. One thread.

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"

#include "libs/server/options.h"

namespace throughline::edge::http {

class TlsContext {
 public:
  // FAILED_PRECONDITION, with what to do.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Load(const server::TlsOptions& files);

  // For a new connection. Looks at the files at most once a second. While they do not fit together, the certificate
  // before stays in use, and a warning is logged once.
  std::shared_ptr<boost::asio::ssl::context> Current();

 private:
  using Stamps = std::array<std::filesystem::file_time_type, 3>;

  explicit TlsContext(const server::TlsOptions& files) : files_(files) {}
  Stamps StampsNow() const;
  absl::Status Read();

  const server::TlsOptions files_;
  Stamps stamps_;
  std::chrono::steady_clock::time_point looked_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace throughline::edge::http
