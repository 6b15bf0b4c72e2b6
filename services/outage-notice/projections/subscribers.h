#pragma once

// Rows of subscribers, of dead letters, and of what customers were told (tables.h); the timers of what is to be sent.

#include <string>
#include <utility>
#include <vector>

#include "libs/runtime/fold/projection.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::outage {

class SubscriberProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// How many secrets of webhooks follow from each signing key; `lasting_key` as for ListSubscribers (read.h).
std::vector<std::pair<std::string, double>> SecretsOfKeys(const store::KeyValue& reader,
                                                          const std::string& lasting_key);

// After NoticeProjection: it tells what the notice's view says then.
class NewsProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// What the commit of a notice tells customers; UNSPECIFIED: nothing.
v1::NoticeNews NewsIn(const runtime::AcceptedCommit& commit);
// The components that it is about, or was until now.
std::vector<std::string> ComponentsOf(const runtime::AcceptedCommit& commit, const v1::NoticeUpdateMessage& told);

}  // namespace throughline::outage
