#pragma once

// The server's certificate and whose certificates it takes, read again when their files change. Internal to this
// folder. Any thread.

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "libs/identity/certificates.h"
#include "libs/server/options.h"

namespace throughline::edge::http {

class TlsContext {
 public:
  // FAILED_PRECONDITION, with what to do.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Load(const server::TlsOptions& files);

  // For a new connection. Looks at the files at most once a second. While they do not fit together, the certificate
  // before stays in use, and a warning is logged once.
  std::shared_ptr<boost::asio::ssl::context> Current() ABSL_LOCKS_EXCLUDED(mutex_);

  // Counts how often the files were read. Looks at them as Current does.
  uint64_t Generation() ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether the certificate with which a client has connected would be taken now: its authority may have been removed
  // since, or it has expired. UNAUTHENTICATED, with what to do.
  absl::Status CheckClient(const std::string& chain_pem) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Stamps = std::array<std::filesystem::file_time_type, 3>;

  explicit TlsContext(const server::TlsOptions& files) : files_(files) {}
  Stamps StampsNow() const;
  void Look() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const server::TlsOptions files_;
  absl::Mutex mutex_;
  Stamps stamps_ ABSL_GUARDED_BY(mutex_);   // of what is in use
  Stamps refused_ ABSL_GUARDED_BY(mutex_);  // of what could not be used, and was logged
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
  std::chrono::steady_clock::time_point looked_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<boost::asio::ssl::context> context_ ABSL_GUARDED_BY(mutex_);
  identity::ClientAuthorities authorities_ ABSL_GUARDED_BY(mutex_);  // null: clients show no certificate
};

}  // namespace throughline::edge::http
