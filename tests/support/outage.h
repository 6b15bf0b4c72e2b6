#pragma once

// A large outage: many components, each with an active notice, and a steady stream of updates.
//
//   Outage outage(500);
//   ASSERT_TRUE(outage.Begin(ana).ok());            // client::Client, or testing::Failover, of a supervisor
//   outage.Update(ana, n);                          // updates one of them

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/queries.pb.h"

namespace throughline::testing {

class Outage {
 public:
  explicit Outage(int notices) : notices_(static_cast<size_t>(notices)) {}

  static std::string Component(size_t i) { return absl::StrCat("component-", i); }
  size_t size() const { return notices_.size(); }

  template <typename Client>
  absl::Status Begin(const Client& client) {
    for (size_t i = 0; i < notices_.size(); ++i) {
      outage::v1::DefineComponentRequest define;
      define.set_component_id(Component(i));
      define.set_name(absl::StrCat("Component ", i));
      const auto defined = client.template Call<outage::v1::DefineComponentResponse>(define);
      if (!defined.ok()) return defined.status();
      outage::v1::PublishNoticeRequest publish;
      publish.set_kind(outage::v1::NOTICE_KIND_OUTAGE);
      publish.add_component_ids(Component(i));
      publish.set_title(absl::StrCat("Component ", i, " does not answer"));
      publish.set_description("Nothing can be ordered or paid for here, and we do not know yet why that is so.");
      publish.mutable_next_update_due()->set_seconds(NextUpdate());
      publish.set_expected_end_unknown(true);
      const auto published = client.template Call<outage::v1::PublishNoticeResponse>(publish);
      if (!published.ok()) return published.status();
      notices_[i] = published->notice_id();
    }
    return absl::OkStatus();
  }

  // Updates notice number `n`, modulo their count.
  outage::v1::UpdateNoticeRequest News(int64_t n) const {
    outage::v1::UpdateNoticeRequest update;
    update.set_notice_id(notices_[static_cast<size_t>(n) % notices_.size()]);
    update.set_text(absl::StrCat("Still down; this is news number ", n, "."));
    update.mutable_next_update_due()->set_seconds(NextUpdate());
    update.set_expected_end_unknown(true);
    return update;
  }

  // The request of a follower of one component, or of everything.
  static outage::v1::WatchNoticesRequest Following(size_t component) {
    outage::v1::WatchNoticesRequest request;
    request.add_component_ids(Component(component));
    return request;
  }
  static outage::v1::WatchNoticesRequest FollowingAll() { return {}; }

 private:
  static int64_t NextUpdate() { return absl::ToUnixSeconds(absl::Now() + absl::Hours(24)); }

  std::vector<std::string> notices_;
};

}  // namespace throughline::testing
