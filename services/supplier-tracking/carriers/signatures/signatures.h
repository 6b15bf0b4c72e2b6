#pragma once

// Whether a push really comes from the carrier or aggregator that it claims to come from: a webhook's signature or
// credential, checked over the bytes as they came, before anybody reads them.
//
//   // The edge, for POST /webhooks/<carrier>/<endpoint>: whatever is wrong, nothing is pushed on.
//   const Push push{.headers = headers, .token = query_token, .body = raw_body};
//   if (absl::Status status = VerifyPush("easypost", keys, push, now); !status.ok()) ...  // 401
//
// It fails closed: without a scheme, without a secret, without the header, with the header given twice. Secrets and
// signatures are compared in constant time, against every live secret: two during a rotation. Where a time is signed,
// it may be at most five minutes away, so that an old push cannot be sent again; what else is repeated is a duplicate
// for the service. Which source signs how, is in signatures.cc, one row for each.
//
// Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace throughline::supplier {

// How long a signed time counts, either way.
inline constexpr absl::Duration kSignedTimeWindow = absl::Minutes(5);

// How many secrets may be live at a time.
inline constexpr size_t kMaxLiveSecrets = 2;

struct PushHeader {
  std::string_view name;  // in any case
  std::string_view value;
};

// Everything borrowed, for one call.
struct Push {
  std::vector<PushHeader> headers;
  std::string_view token;  // of the URL's query, if it has one
  std::string_view body;   // byte for byte
};

// What an endpoint knows of its source.
struct PushKeys {
  std::vector<std::string> secrets;  // live ones, the new one first; 1 or 2. `shipengine`: its JWK sets, as served
  std::string header;                // where the subscriber chooses the header's name (`dhl`)
};

// The sources that can be verified, sorted: `aftership`, `dhl`, `easypost`, `fedex`, `shipengine`, `shippo`,
// `shippo-token`, `standard-webhooks`, `ups`, `usps`.
std::vector<std::string_view> SignedSources();

// OK: it is genuine. UNAUTHENTICATED SIGNATURE_MISSING, SIGNATURE_WRONG, SIGNATURE_STALE; the texts tell a stranger
// nothing about secrets. FAILED_PRECONDITION SOURCE_UNKNOWN, SECRET_MISSING: the endpoint is not configured.
absl::Status VerifyPush(std::string_view source, const PushKeys& keys, const Push& push, absl::Time now);

}  // namespace throughline::supplier
