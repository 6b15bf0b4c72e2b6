// Which cases are linked to which notices: by component, region and words; late, never again once unlinked.

#include "services/intake/testing.h"

namespace throughline::intake {
namespace {

// Noon is 1772366400.
constexpr char kNorth[] = R"pb(published {
                                 notice_id: "n1"
                                 kind: NOTICE_KIND_OUTAGE
                                 component_ids: "web"
                                 title: "Checkout is down"
                                 description: "You cannot pay."
                                 since { seconds: 1772366000 }
                                 next_update_due { seconds: 1772370000 }
                                 scope { regions: "north" }
                                 keywords: "white page"
                               })pb";
constexpr char kMaintenance[] = R"pb(published {
                                       notice_id: "n1"
                                       kind: NOTICE_KIND_MAINTENANCE
                                       component_ids: "web"
                                       title: "Work"
                                       description: "Slower."
                                       since { seconds: 1772368200 }
                                       next_update_due { seconds: 1772370000 }
                                       stage: NOTICE_STAGE_SCHEDULED
                                     })pb";

class NoticeLinks : public IntakeService {
 protected:
  size_t Links(const std::string& case_id) { return static_cast<size_t>(View(case_id).notices_size()); }
  std::string About(const std::string& request) {
    return Open(R"(customer_id: "kim" channel: CHANNEL_WEB separate: true )" + request).case_id();
  }
  absl::StatusOr<v1::UnlinkNoticeResponse> Unlink(const std::string& case_id) {
    auto request = FromText<v1::UnlinkNoticeRequest>(R"pb(notice_id: "n1" reason: "they mean the app")pb");
    request.set_case_id(case_id);
    return Give<v1::UnlinkNoticeResponse>(*api_, "UnlinkNotice", request, "ana", ROLE_REP);
  }
};

TEST_F(NoticeLinks, ARegionThatIsNotHitIsNotLinked) {
  const std::string in_web = R"(subject: "s" text: "t" component_id: "web" )";
  const std::string before_north = About(in_web + R"pb(region: "north")pb");
  const std::string before_south = About(in_web + R"pb(region: "south")pb");
  Notice(kNorth);
  EXPECT_EQ(Links(before_north), 1u);
  EXPECT_EQ(Links(before_south), 0u);
  EXPECT_EQ(Links(About(in_web + R"pb(region: "north")pb")), 1u);
  EXPECT_EQ(Links(About(in_web)), 1u) << "the region is not known, so it may be hit";
  EXPECT_EQ(Links(About(in_web + R"pb(region: "south")pb")), 0u);
}

TEST_F(NoticeLinks, WhoNamesNoComponentIsLinkedByTheirWords) {
  Notice(kNorth);
  const std::string named = About(R"pb(subject: "Cannot pay" text: "A white page, again!")pb");
  ASSERT_EQ(Links(named), 1u);
  EXPECT_TRUE(View(named).notices(0).by_words());
  EXPECT_EQ(Links(About(R"pb(subject: "Page" text: "The page is white")pb")), 0u);
  EXPECT_EQ(Links(About(R"pb(subject: "s" text: "A white page" component_id: "app")pb")), 0u)
      << "a component that is named says what it is about";
  EXPECT_EQ(Links(About(R"pb(subject: "s" text: "A white page" region: "south")pb")), 0u);
  world_.Write(
      Topic::kOutageNotice, "component/web",
      FromText<outage::v1::ComponentEvent>(R"pb(defined { component_id: "web" name: "W" keywords: "till" })pb"));
  EXPECT_EQ(Links(About(R"pb(subject: "The till" text: "is dead")pb")), 1u) << "a keyword of the component";
}

TEST_F(NoticeLinks, WhatHasNotBegunIsNotWhyACustomerCameToday) {
  const std::string before = About(R"pb(subject: "s" text: "t" component_id: "web")pb");
  Notice(kMaintenance);
  EXPECT_EQ(Links(before), 0u);
  EXPECT_EQ(Links(About(R"pb(subject: "s" text: "t" component_id: "web")pb")), 0u);
  world_.Pass(absl::Minutes(30));
  Notice("began { stage: NOTICE_STAGE_IN_PROGRESS }");
  EXPECT_EQ(Links(before), 0u) << "it was met before the work began";
  EXPECT_EQ(Links(About(R"pb(subject: "s" text: "t" component_id: "web")pb")), 1u);
}

TEST_F(NoticeLinks, ACaseThatWasClosedMeanwhileIsLinkedWhenItIsReopened) {
  const std::string closed = Open(kWeb, "ana", ROLE_REP).case_id();
  Close(closed, "ana");
  Notice(kPublished);
  EXPECT_EQ(Links(closed), 0u);
  ownership::v1::ReopenCaseRequest reopen;
  reopen.set_case_id(closed);
  reopen.set_reason("It fails again.");
  ASSERT_TRUE(Give<ownership::v1::ReopenCaseResponse>(*ownership_api_, "ReopenCase", reopen, "ana", ROLE_REP).ok());
  EXPECT_EQ(Links(closed), 1u);
}

TEST_F(NoticeLinks, ACorrectionLinksTheCasesOfWhatItAdds) {
  const std::string app = About(R"pb(subject: "s" text: "t" component_id: "app")pb");
  const std::string web = Open(kWeb).case_id();
  Notice(kPublished);
  EXPECT_EQ(Links(app), 0u);
  Notice(R"pb(corrected { by: "ana" reason: "r" component_ids: "app" })pb");
  EXPECT_EQ(Links(app), 1u);
  EXPECT_EQ(Links(web), 1u) << "stays linked until somebody unlinks it";
  EXPECT_EQ(Links(Open(kWeb).case_id()), 0u);
}

TEST_F(NoticeLinks, AnUnlinkedCaseIsNotLinkedAgain) {
  const std::string id = Open(kWeb).case_id();
  EXPECT_EQ(runtime::ReasonOf(Unlink(id).status()), "NOTICE_NOT_LINKED");
  Notice(kPublished);
  ASSERT_EQ(Links(id), 1u);
  ASSERT_TRUE(Unlink(id).ok());
  EXPECT_EQ(Links(id), 0u);
  EXPECT_TRUE(Unlink(id).ok()) << "once more changes nothing";
  Notice(R"pb(updated {
                text: "Still down."
                next_update_due { seconds: 1772380000 }
              })pb");
  EXPECT_EQ(Links(id), 0u);
  EXPECT_EQ(runtime::ReasonOf(Unlink("00000000000000000000000000").status()), "CASE_UNKNOWN");
}

}  // namespace
}  // namespace throughline::intake
