#pragma once

// The tables of outage-notice, besides the roster (services/ownership/people/people.h). Changing one needs a new
// kLayout.

#include <string>

#include "libs/store/table.h"
#include "throughline/outage/v1/rows.pb.h"
#include "throughline/outage/v1/subscriptions.pb.h"
#include "throughline/outage/v1/views.pb.h"

namespace throughline::outage {

inline constexpr char kLayout[] = "outage-notice-8";

// Component.
inline constexpr store::Table<v1::ComponentView, std::string> kComponents{16};
// Notice. Until the notice itself is folded, a row may have `linked_case_count` only, without `notice_id`.
inline constexpr store::Table<v1::NoticeView, std::string> kNotices{17};
// When published (newest first), notice: all.
inline constexpr store::Table<std::string, store::Descending, std::string> kByTime{18};
// Component, when published (newest first), notice: all, and the active ones.
inline constexpr store::Table<std::string, std::string, store::Descending, std::string> kByComponent{19};
inline constexpr store::Table<std::string, std::string, store::Descending, std::string> kActiveOf{20};
// When published (newest first), notice: the active ones, and those whose next update is overdue.
inline constexpr store::Table<std::string, store::Descending, std::string> kActive{21};
inline constexpr store::Table<std::string, store::Descending, std::string> kOverdue{22};
// Notice, topic, partition -> the offset of the last commit there that changed the notice; and the inverse: topic,
// partition, offset, notice.
inline constexpr store::Table<int64_t, std::string, int64_t, int64_t> kLastChanges{23};
inline constexpr store::Table<std::string, int64_t, int64_t, int64_t, std::string> kByChange{24};
// Owner, notice: the active ones. Empty values.
inline constexpr store::Table<std::string, std::string, std::string> kActiveByOwner{25};

// Notice, customer -> how many of their cases are linked.
inline constexpr store::Table<int64_t, std::string, std::string> kCustomers{26};
// Cases that came in (suspicion/arrivals.h). Component -> in the last steps of five minutes; component, hour of the
// week
// -> in that hour of the last weeks.
inline constexpr store::Table<v1::ArrivalsRow, std::string> kRecent{27};
inline constexpr store::Table<v1::ArrivalsRow, std::string, int64_t> kHourly{28};
// Component -> the first hour in which a case about it came in.
inline constexpr store::Table<int64_t, std::string> kFirstHour{29};
// Component -> what is suspected.
inline constexpr store::Table<v1::SuspicionView, std::string> kSuspicions{30};

// Subscriber; component ("": all), subscriber -> "": those who hear; subscriber, delivery.
inline constexpr store::Table<v1::SubscriberRow, std::string> kSubscribers{31};
inline constexpr store::Table<std::string, std::string, std::string> kSubscribersOf{32};
inline constexpr store::Table<v1::DeadLetterView, std::string, std::string> kDeadLetters{33};
// Signing key -> how many secrets of webhooks follow from it. "": that was not recorded.
inline constexpr store::Table<int64_t, std::string> kSecretsOfKey{36};
// What customers were told. Notice, version; component ("": all), when (newest first), notice, version.
inline constexpr store::Table<v1::NoticeUpdateMessage, std::string, int64_t> kNews{34};
inline constexpr store::Table<std::string, std::string, store::Descending, std::string, int64_t> kNewsOf{35};

// Counters behind the gauges.
inline constexpr char kNoticesActive[] = "notices_active";
inline constexpr char kNoticesOverdue[] = "notices_overdue";
inline constexpr char kOutagesSuspected[] = "outages_suspected";
inline constexpr char kSubscribersConfirmed[] = "subscribers";
inline constexpr char kDeliveriesWaiting[] = "deliveries_waiting";
inline constexpr char kDeliveriesDead[] = "dead_letters";
inline constexpr char kDeliveriesSent[] = "deliveries_sent";
inline constexpr char kDeliveriesFailed[] = "deliveries_failed";
// How often rows of kNotices have changed. A reader of them all rereads them when this has changed.
inline constexpr char kNoticeChanges[] = "notice_changes";

// Watch topics: any notice has changed; a notice about the component has changed.
inline constexpr char kAnyNotice[] = "notices";
inline std::string NoticesOf(const std::string& component_id) { return "notices-of/" + component_id; }

// The timers of a notice: its next update is due, it begins, its validity ends, and, followed by its id, a follow-up is
// due.
inline constexpr char kNextUpdate[] = "next-update";
inline constexpr char kBeginning[] = "beginning";
inline constexpr char kValidity[] = "validity";
inline const std::string kFollowUp = "follow-up/";
// Those of a subscriber: its first message is to be sent, its request expires.
inline constexpr char kDeliver[] = "deliver";
inline constexpr char kExpire[] = "expire";

}  // namespace throughline::outage
