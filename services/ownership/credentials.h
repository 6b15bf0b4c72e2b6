#pragma once

// Credentials name persons: whoever has one as a rep or supervisor is known from the start, and a person whose last
// credential was revoked is deactivated. Those without a credential in the file are left alone: another issuer may know
// them.
//
// Any thread.

#include <vector>

#include "libs/identity/tokens.h"
#include "libs/runtime/streams.h"

namespace throughline::ownership {

// Gives the commands that bring the persons in line with the credentials: none, if they are. To be called again after a
// while, since a command may fail. True: everybody whom an enabled credential names is known. Returns at once.
bool FollowCredentials(runtime::Streams& streams, const std::vector<identity::TokenInfo>& credentials);

}  // namespace throughline::ownership
