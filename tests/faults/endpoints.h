#pragma once

// Endpoints of webhooks, each of an owner who verifies every call by a secret of theirs, on one server of the test's.
//
//   Endpoints endpoints;
//   endpoints.Accept("kim", secret);                          // calls of /hook/kim; also those that have come already
//   const std::string token = endpoints.AwaitConfirmToken("kim");
//   EXPECT_THAT(endpoints.failures(), IsEmpty());
//
// Any thread.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "services/outage-notice/delivery/testing_server.h"

namespace throughline::testing {

class Endpoints {
 public:
  Endpoints();

  // From the next connection on with TLS: <certificate>.pem and .key.
  void Use(const std::string& certificate);

  std::string Url(const std::string& name) const;
  // From here on the owner takes what is signed by this secret, `whsec_…`, besides those that they took already.
  void Accept(const std::string& name, const std::string& secret);
  // And no more.
  void Refuse(const std::string& name, const std::string& secret);

  // Of the question; waits for it. Empty: none comes.
  std::string AwaitConfirmToken(const std::string& name) const;
  // Of the last notice; empty: there was none.
  std::string LeaveToken(const std::string& name) const;
  // The versions of notices that came, as often as they came.
  std::multiset<std::string> Told(const std::string& name) const;
  // Whether the last call is signed by the secret.
  bool SignedBy(const std::string& name, const std::string& secret) const;
  // How many calls came.
  size_t count() const;
  // What no secret of its owner verifies.
  std::vector<std::string> failures() const;

 private:
  struct Call {
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };
  struct Owner {
    std::set<std::string> secrets;  // whsec_…
    std::vector<Call> unverified;   // from before the first secret
    Call last;
    std::string confirm_token, leave_token;
    std::multiset<std::string> told;
  };

  static bool Verifies(const Call& call, const std::string& secret);
  void Verify(const std::string& name, const Owner& owner, const Call& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Serve(outage::TestingServer& server, int fd);
  void Take(const std::string& name, Call call);
  const Owner& OwnerOf(const std::string& name) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable absl::Mutex mu_;
  std::map<std::string, Owner> owners_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mu_);
  std::string scheme_ ABSL_GUARDED_BY(mu_) = "http";
  size_t count_ ABSL_GUARDED_BY(mu_) = 0;
  outage::TestingServer server_;  // last: it uses the others
};

}  // namespace throughline::testing
