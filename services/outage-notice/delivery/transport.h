#pragma once

// Takes one message to its address.

#include <string>
#include <utility>
#include <vector>

#include "services/outage-notice/domain/subscriber.h"

namespace throughline::outage {

struct OutgoingMessage {
  std::string address;                                            // a mail address or a URL
  std::string content;                                            // a whole message of RFC 5322, or the body of a call
  std::vector<std::pair<std::string, std::string>> headers = {};  // of a call
};

struct SendResult {
  SettleDelivery::Outcome outcome = SettleDelivery::Outcome::kSent;
  std::string why = {};  // ASCII; if it was not sent
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Blocks until the other side has answered, or the time is over. One thread at a time.
  virtual SendResult Send(const OutgoingMessage& message) = 0;
};

}  // namespace throughline::outage
