#pragma once

// A mail server of the test's, with TLS from the start and a login, which keeps what it takes.
//
//   MailServer mails;
//   mails.Use(certificate);                 // <certificate>.pem and .key
//   mails.Accept("secret");                 // takes no login but with this password
//
// Any thread.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "services/outage-notice/delivery/testing_server.h"

namespace throughline::testing {

class MailServer {
 public:
  MailServer();

  std::string Url() const;
  void Use(const std::string& certificate) { server_.Use(certificate); }
  void Accept(const std::string& password);

  // Of the question; waits for it. Empty: none comes.
  std::string AwaitConfirmToken(const std::string& address) const;
  // The ids of the mails about notices that the address got, as often as it got them.
  std::multiset<std::string> Told(const std::string& address) const;
  // How many mails it took.
  size_t count() const;
  // The passwords of all logins, or of those since the last TakeLogins.
  std::vector<std::string> TakeLogins();

 private:
  void Serve(outage::TestingServer& server, int fd);
  bool Welcomes(const std::string& login);
  void Take(const std::string& address, const std::string& mail);

  mutable absl::Mutex mu_;
  std::string accepted_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> logins_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string> confirm_tokens_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::multiset<std::string>> told_ ABSL_GUARDED_BY(mu_);
  size_t count_ ABSL_GUARDED_BY(mu_) = 0;
  outage::TestingServer server_;  // last: it uses the others
};

}  // namespace throughline::testing
