#pragma once

// Credentials name persons. Whoever has one as a rep or supervisor is known from the start, in the role that it gives
// them. A person whose credential is gone is deactivated: it was revoked, gives no such role any more, or is not in the
// file any more.
//
// Another issuer (JWT) does not say whom it gives credentials: such a person is known from their first call on. Who is
// not named may still have one there, so a person is deactivated only when this process sees their credential in the
// file end, and once: for all others a supervisor does it (DeactivatePerson).
//
//   service.follow_credentials = ownership::FollowCredentials();

#include <functional>
#include <set>
#include <string>

#include "absl/time/time.h"

#include "libs/identity/tokens.h"
#include "libs/runtime/streams.h"

namespace throughline::ownership {

// What one process has seen of the credentials. One thread.
class CredentialFollower {
 public:
  // Replicas may get a changed file one after the other. So a person of whom the file says nothing, and who has had no
  // credential since this process began, is deactivated only after this time.
  static constexpr absl::Duration kPatience = absl::Minutes(2);

  // Gives the commands that bring the persons in line with the credentials: none, if they are. To be called again after
  // a while, since a command may fail. True: everybody whom an enabled credential names is known. Returns at once.
  bool Follow(runtime::Streams& streams, const identity::Credentials& credentials);

 private:
  absl::Time began_ = absl::InfiniteFuture();
  std::set<std::string> had_one_;  // whoever had a credential as a rep or supervisor
};

// A follower as a function.
std::function<bool(runtime::Streams&, const identity::Credentials&)> FollowCredentials();

}  // namespace throughline::ownership
