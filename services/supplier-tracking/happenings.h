#pragma once

// Random histories of an order, for tests.

#include <algorithm>
#include <set>

#include "services/supplier-tracking/service_under_test.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::supplier {

using intake::v1::CaseEvent;
using outage::v1::NoticeEvent;
using ownership::v1::OwnershipEvent;

// Gives an order random events of every kind, many of them late.
class Happenings {
 public:
  Happenings(ServiceUnderTest& service, uint32_t seed) : service_(service), random_(seed) {
    EXPECT_TRUE(service_.Place("SO-1", kOrder).ok());
    EXPECT_TRUE(service_.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  }

  void Happen() {
    service_.Pass(absl::Minutes(Below(30)));
    switch (Below(10)) {
      case 0:
        return Open();
      case 1:
      case 2:
        return Own(Case(), absl::StrCat("handoff_accepted { from: \"x\" to: \"rep", Below(5), "\" }"));
      case 3:
        return Own(Case(), Below(2) == 0 ? "closed { by: \"x\" }" : "reopened { by: \"x\" }");
      case 4:
        return Own(Case(), "work_note_added { by: \"x\" text: \"called\" }");
      case 5:
        return Notice();
      case 6:
        return Vendor();
      default:
        return Scan();
    }
  }
  size_t Below(size_t n) { return random_() % n; }

 private:
  absl::Duration Ago() { return Below(3) == 0 ? absl::Minutes(Below(600)) : absl::ZeroDuration(); }
  int Case() {
    if (opened_.empty()) Open();
    return static_cast<int>(Below(opened_.size()));
  }
  void Open() {
    const size_t id = opened_.size();
    if (id == 12) return;  // an order has few cases
    const absl::Duration ago = Ago();
    opened_.push_back(service_.now() - ago);
    service_.Foreign<CaseEvent>(log::Topic::kIntake, absl::StrCat("case/k", id),
                                absl::StrCat("opened { case_id: \"k", id, "\" subject: \"?\" order_id: \"SO-1\" ",
                                             "owner: \"first", id, "\" notice_ids: \"n", Below(3), "\" }"),
                                ago);
    Own(static_cast<int>(id),
        absl::StrCat("started { case_id: \"k", id, "\" owner: \"first", id, "\" order_id: \"SO-1\" }"));
  }
  // Never earlier than the case's opening.
  void Own(int id, const std::string& event) {
    const absl::Duration age = service_.now() - opened_[static_cast<size_t>(id)];
    service_.Foreign<OwnershipEvent>(log::Topic::kOwnership, absl::StrCat("ownership/k", id), event,
                                     std::min(Ago(), std::max(age - absl::Seconds(1), absl::ZeroDuration())));
  }
  void Notice() {
    const size_t id = Below(3);
    const bool first = published_.insert(id).second;
    service_.Foreign<NoticeEvent>(
        log::Topic::kOutageNotice, absl::StrCat("notice/n", id),
        first ? absl::StrCat("published { notice_id: \"n", id, "\" title: \"Down\" }") : "updated { text: \"Soon\" }",
        Ago());
  }
  void Vendor() {
    const absl::Status status = service_.VendorUpdate(
        "SO-1", "bolt",
        absl::StrCat("delayed { reason: \"storm\" expected_dispatch { seconds: ",
                     absl::ToUnixSeconds(service_.now()) + static_cast<int64_t>(Below(6)) * 86400, " } }"));
    EXPECT_TRUE(status.ok()) << status;
  }
  void Scan() {
    const absl::Time at = service_.now() - Ago();
    static_cast<void>(
        service_.Push(supplier::Scan("ups", "1Z", Below(2) == 0 ? "IN_TRANSIT" : "ON_HOLD", absl::ToUnixSeconds(at))));
  }

  ServiceUnderTest& service_;
  std::mt19937 random_;
  std::vector<absl::Time> opened_;
  std::set<size_t> published_;
};

}  // namespace throughline::supplier
