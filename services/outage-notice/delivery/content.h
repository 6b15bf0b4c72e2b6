#pragma once

// What customers are told, in words: for mails and feeds.
//
// Pure functions; any thread.

#include <string>

#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::outage {

// "Resolved: Paying fails". One line.
std::string Headline(const v1::NoticeUpdateMessage& told);
// What is told, with all that is known: lines that end with "\n".
std::string Body(const v1::NoticeUpdateMessage& told);
// `notice.updated`.
std::string TypeOf(v1::NoticeNews news);

}  // namespace throughline::outage
