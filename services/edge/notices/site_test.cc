#include "services/edge/notices/site.h"

#include <pugixml.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "services/edge/notices/page.h"
#include "services/edge/notices/testing.h"
#include "services/edge/pages/assets.h"

namespace throughline::edge::notices {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Everything;
using ::testing::HasSubstr;
using testing::KnownOf;
using testing::Noon;
using ::testing::Not;

const SiteOptions kOptions = {.title = "Acme <status>", .url = "https://status.example"};
const char* const kPages[] = {"/notices",      "/history",      "/notices/01N0", "/notices/01N1",
                              "/notices/01N2", "/notices/01N3", "/widget"};
const char* const kJson[] = {"summary.json",
                             "status.json",
                             "components.json",
                             "incidents.json",
                             "incidents/unresolved.json",
                             "scheduled-maintenances.json",
                             "scheduled-maintenances/active.json",
                             "scheduled-maintenances/upcoming.json"};

std::string Body(const Site& site, const std::string& path, const std::string& query = "") {
  const auto found = site.Find(path, query);
  EXPECT_TRUE(found.has_value()) << path;
  return found.has_value() ? found->document->body() : "";
}
json Json(const Site& site, const std::string& name) { return json::parse(Body(site, "/api/v2/" + name)); }

TEST(Site, EscapesHostileTextsEverywhere) {
  const Site site(KnownOf(Everything(testing::kHostile)), kOptions);
  for (const char* path : kPages) {
    const std::string html = Body(site, path);
    EXPECT_THAT(html, AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("<![CDATA[")), Not(HasSubstr("href=\"java")),
                            HasSubstr("Acme &lt;status&gt;"), HasSubstr("</html>")))
        << path;
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;")) << path;
  }
  for (const char* feed : {"/history.atom", "/history.rss"}) {
    pugi::xml_document xml;
    const auto parsed = xml.load_string(Body(site, feed).c_str(), pugi::parse_full);
    EXPECT_TRUE(parsed) << feed << ": " << parsed.description();
    const bool atom = std::string(feed) == "/history.atom";
    const pugi::xml_node entry =
        atom ? xml.child("feed").child("entry") : xml.child("rss").child("channel").child("item");
    EXPECT_THAT(entry.child_value("title"), HasSubstr("<script>alert(1)</script>\"'&<![CDATA[ ]]>"));
    EXPECT_THAT(entry.child_value(atom ? "content" : "description"),
                AllOf(HasSubstr("&lt;script&gt;"), Not(HasSubstr("<script>"))))
        << "readers take it for HTML";
  }
  EXPECT_EQ(Json(site, "summary.json")["incidents"][0]["workaround"],
            "<script>alert(1)</script>\"'&<![CDATA[ ]]> javascript:alert(1) {{TITLE}} \xE4\xBD\xA0");
}

TEST(Site, SaysWhatPeopleWantToKnow) {
  const Site site(KnownOf(Everything()), kOptions);
  const std::string page = Body(site, "/notices");
  EXPECT_THAT(page, AllOf(HasSubstr("Something does not work"), HasSubstr("Outage"), HasSubstr("Cause found"),
                          HasSubstr("Expected end"), HasSubstr("1 March 2026, 14:00 UTC"), HasSubstr("Until then"),
                          HasSubstr("You hear more by"), HasSubstr("Corrected"), HasSubstr("<del"),
                          HasSubstr("Planned"), HasSubstr("Does not work for some"), HasSubstr("Website")));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("Overdue")), Not(HasSubstr("As of")), Not(HasSubstr("{{"))));
  EXPECT_THAT(Body(site, "/notices/01N0"),
              AllOf(HasSubstr("What we learned"), HasSubstr("Cause"), HasSubstr("What we changed"), HasSubstr("Done."),
                    HasSubstr("and is not done"), HasSubstr("It was over 20 minutes later than we had first said.")));
  EXPECT_THAT(Body(site, "/history"),
              AllOf(HasSubstr("February 2026"), HasSubstr("(1 hour)"), HasSubstr("01N0#learned")));
}

TEST(Site, IsHonest) {
  const std::string unknown = absl::StrReplaceAll(Everything(), {{"  expected_end { seconds: 1772373600 }\n", "\n"}});
  EXPECT_THAT(Body(Site(KnownOf(unknown), kOptions), "/notices"), HasSubstr("Unknown: we cannot say yet"));
  // The services may be down when an update becomes overdue.
  const Site overdue(KnownOf(Everything(), Noon() + absl::Hours(1) + absl::Minutes(1)), kOptions);
  EXPECT_THAT(Body(overdue, "/notices"),
              AllOf(HasSubstr("<strong>Overdue:</strong> we promised"), HasSubstr("13:00 UTC")));
  EXPECT_EQ(Json(overdue, "incidents.json")["incidents"][0]["next_update_overdue"], true);
  const Site passed(KnownOf(Everything(), Noon() + absl::Hours(3)), kOptions);
  EXPECT_THAT(Body(passed, "/notices"), HasSubstr("which has passed"));
  Known old = KnownOf(Everything());
  old.stale_since = Noon() - absl::Minutes(12);
  const Site stale(old, kOptions);
  for (const char* path : {"/notices", "/history", "/notices/01N1", "/notices/01N0"}) {
    EXPECT_THAT(Body(stale, path), AllOf(HasSubstr("As of"), HasSubstr("12 minutes ago"))) << path;
  }
  EXPECT_EQ(Json(stale, "status.json")["page"]["stale"], true);
  EXPECT_EQ(Json(stale, "status.json")["page"]["as_of"], "2026-03-01T11:48:00.000Z");
  EXPECT_THAT(Body(Site(KnownOf(""), kOptions), "/notices"), HasSubstr("Everything works"));
}

TEST(Site, ChangesItsStateWithWhatItShows) {
  const auto state = [](absl::Time at, absl::Duration stale = absl::ZeroDuration()) {
    Known known = KnownOf(Everything(), at);
    if (stale > absl::ZeroDuration()) known.stale_since = at - stale;
    return StateOf(known);
  };
  EXPECT_EQ(state(Noon()), state(Noon() + absl::Minutes(59)));
  EXPECT_NE(state(Noon()), state(Noon() + absl::Minutes(61))) << "an update is overdue";
  EXPECT_NE(state(Noon() + absl::Minutes(61)), state(Noon() + absl::Hours(3))) << "its expected end has passed";
  EXPECT_NE(state(Noon()), state(Noon(), absl::Seconds(20)));
  EXPECT_EQ(state(Noon(), absl::Seconds(20)), state(Noon(), absl::Seconds(50)));
  EXPECT_NE(state(Noon(), absl::Seconds(20)), state(Noon(), absl::Seconds(70)));
}

TEST(Site, KeepsThePageSmall) {
  const size_t around = pages::FindAsset("page.css")->body().size() + pages::FindAsset("notices.js")->body().size();
  for (const int count : {1, 30, 300}) {
    std::string all = "digest: \"d\"\n";
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&all, "components { component_id: \"c", i, "\" name: \"", std::string(200, 'n'),
                      "\" description: \"", std::string(4000, 'd'), "\" }\n");
      std::string one = Everything(std::string(8000, i % 2 == 0 ? 'x' : '<'));
      one = one.substr(one.find("active {"), one.find("active {", one.find("active {") + 1) - one.find("active {"));
      absl::StrAppend(
          &all, absl::StrReplaceAll(one, {{"01N1", absl::StrCat("01N", i)},
                                          {"component_ids: \"till\"", absl::StrCat("component_ids: \"c", i, "\"")}}));
    }
    const Site site(KnownOf(all), kOptions);
    const std::string page = Body(site, "/notices");
    EXPECT_LT(page.size() + around, 50'000u) << count;
    EXPECT_THAT(page, HasSubstr("href=\"/notices/01N0\"")) << count;
    EXPECT_LT(Body(site, "/widget").size(), 5'000u);
  }
}

TEST(Site, SpeaksStatuspagesWords) {
  const Site site(KnownOf(Everything()), kOptions);
  const json summary = Json(site, "summary.json");
  EXPECT_EQ(summary["page"]["name"], "Acme <status>");
  EXPECT_EQ(summary["page"]["url"], "https://status.example");
  EXPECT_EQ(summary["page"]["updated_at"], "2026-03-01T11:36:40.000Z");
  EXPECT_EQ(summary["status"], json({{"indicator", "major"}, {"description", "Partial System Outage"}}));
  std::vector<std::string> components;
  for (const json& component : summary["components"]) {
    components.push_back(
        absl::StrCat(component["name"].get<std::string>(), " ", component["status"].get<std::string>()));
  }
  EXPECT_THAT(components, ElementsAre("Till partial_outage", "Website degraded_performance",
                                      "words degraded_performance", "Search operational"));
  EXPECT_EQ(summary["components"][1]["group"], true);
  EXPECT_EQ(summary["components"][2]["group_id"], summary["components"][1]["id"]);
  ASSERT_EQ(summary["incidents"].size(), 1u);
  const json& incident = summary["incidents"][0];
  EXPECT_EQ(incident["status"], "identified");
  EXPECT_EQ(incident["impact"], "major");
  EXPECT_EQ(incident["shortlink"], "https://status.example/notices/01N1");
  EXPECT_EQ(incident["expected_end"], "2026-03-01T14:00:00.000Z");
  EXPECT_EQ(incident["resolved_at"], nullptr);
  ASSERT_EQ(incident["incident_updates"].size(), 3u);
  EXPECT_EQ(incident["incident_updates"][0]["status"], "identified");
  EXPECT_EQ(incident["incident_updates"][2]["status"], "investigating");
  EXPECT_EQ(incident["incident_updates"][2]["incident_id"], "01N1");
  EXPECT_EQ(incident["components"][0]["id"], "till");
  const json& maintenance = summary["scheduled_maintenances"][0];
  EXPECT_EQ(maintenance["status"], "scheduled");
  EXPECT_EQ(maintenance["impact"], "maintenance");
  EXPECT_EQ(maintenance["scheduled_for"], "2026-03-02T12:00:00.000Z");
  EXPECT_EQ(maintenance["scheduled_until"], "2026-03-02T14:00:00.000Z");
  EXPECT_EQ(summary["changes"].size(), 1u);
  const json incidents = Json(site, "incidents.json")["incidents"];
  ASSERT_EQ(incidents.size(), 2u);
  EXPECT_EQ(incidents[1]["status"], "postmortem");
  EXPECT_EQ(incidents[1]["monitoring_at"], "2026-02-28T12:33:20.000Z");
  EXPECT_EQ(incidents[1]["incident_updates"][0]["status"], "postmortem");
  EXPECT_EQ(Json(site, "incidents/unresolved.json")["incidents"].size(), 1u);
  EXPECT_EQ(Json(site, "scheduled-maintenances/upcoming.json")["scheduled_maintenances"].size(), 1u);
  EXPECT_EQ(Json(site, "scheduled-maintenances/active.json")["scheduled_maintenances"].size(), 0u);
  for (const char* name : kJson) EXPECT_EQ(Json(site, name)["page"]["id"], "throughline") << name;
}

TEST(Site, HasNothingElse) {
  const Site site(KnownOf(Everything()), kOptions);
  for (const char* path : {"/notices/01N9", "/notices/", "/history/1", "/history/2", "/history/x", "/history/02",
                           "/api/v2/", "/api/v2/none.json", "/api/v2/summary"}) {
    EXPECT_FALSE(site.Find(path, "").has_value()) << path;
  }
  EXPECT_FALSE(site.Find("/history.atom", "component=none").has_value());
  EXPECT_EQ(site.Find("/notices", "")->document, site.Find("/notices", "any=thing")->document) << "made once";
}

TEST(Site, PagesItsHistory) {
  std::string all;
  for (int i = 0; i < 60; ++i) {
    absl::StrAppend(&all, "over { notice_id: \"o", i,
                    "\" title: \"t\" status: NOTICE_STATUS_RESOLVED published_at { seconds: ", 1772366400 - i * 86400,
                    " } since { seconds: 1 } }\n");
  }
  const Site site(KnownOf(all), kOptions);
  EXPECT_THAT(Body(site, "/history"),
              AllOf(HasSubstr("/notices/o24\""), Not(HasSubstr("/notices/o25\"")),
                    HasSubstr("rel=\"next\" href=\"/history/2\""), Not(HasSubstr("rel=\"prev\""))));
  EXPECT_THAT(Body(site, "/history/3"), AllOf(HasSubstr("/notices/o59\""), HasSubstr("href=\"/history/2\"")));
}

TEST(Site, FeedsAreOfOneComponentIfAsked) {
  const Site site(KnownOf(Everything()), kOptions);
  const auto ids = [&](const std::string& query) {
    pugi::xml_document xml;
    EXPECT_TRUE(xml.load_string(Body(site, "/history.atom", query).c_str()));
    std::vector<std::string> ids;
    for (const auto& entry : xml.child("feed").children("entry")) ids.emplace_back(entry.child_value("id"));
    return ids;
  };
  EXPECT_THAT(ids(""), ElementsAre("urn:throughline:notice:01N1", "urn:throughline:notice:01N2",
                                   "urn:throughline:notice:01N3", "urn:throughline:notice:01N0"));
  EXPECT_THAT(ids("component=search"), ElementsAre("urn:throughline:notice:01N2", "urn:throughline:notice:01N0"));
}

TEST(Site, BadgeIsSvg) {
  pugi::xml_document xml;
  EXPECT_TRUE(xml.load_string(Body(Site(KnownOf(Everything()), kOptions), "/badge.svg").c_str()));
  EXPECT_STREQ(xml.child("svg").child_value("title"), "status: Something does not work");
}

TEST(Status, OfComponentsIsTheWorstOfTheirNotices) {
  const auto status = [](const std::string& notice, const std::string& more = "") {
    const auto page =
        KnownOf(R"(components { component_id: "a" } components { component_id: "b" depends_on_component_ids: "a" }
                                 active { status: NOTICE_STATUS_ACTIVE component_ids: "a" )" +
                notice + "}" + more)
            .page;
    return StatusOfComponents(page);
  };
  using S = ComponentStatus;
  EXPECT_EQ(status("kind: NOTICE_KIND_OUTAGE")["a"], S::kMajorOutage);
  EXPECT_EQ(status("kind: NOTICE_KIND_OUTAGE")["b"], S::kDegradedPerformance);
  EXPECT_EQ(status("kind: NOTICE_KIND_OUTAGE scope { regions: \"DE\" }")["a"], S::kPartialOutage);
  EXPECT_EQ(status("kind: NOTICE_KIND_OUTAGE impact: NOTICE_IMPACT_MINOR")["a"], S::kPartialOutage);
  EXPECT_EQ(status("kind: NOTICE_KIND_OUTAGE stage: NOTICE_STAGE_MONITORING")["a"], S::kDegradedPerformance);
  EXPECT_EQ(status("kind: NOTICE_KIND_DEGRADATION")["a"], S::kDegradedPerformance);
  EXPECT_EQ(status("kind: NOTICE_KIND_MAINTENANCE stage: NOTICE_STAGE_IN_PROGRESS")["a"], S::kUnderMaintenance);
  EXPECT_EQ(status("kind: NOTICE_KIND_MAINTENANCE stage: NOTICE_STAGE_SCHEDULED")["a"], S::kOperational);
  EXPECT_EQ(status("kind: NOTICE_KIND_CHANGE stage: NOTICE_STAGE_IN_FORCE")["a"], S::kOperational);
  EXPECT_EQ(status("kind: NOTICE_KIND_MAINTENANCE", R"(active { status: NOTICE_STATUS_ACTIVE component_ids: "a"
                                                              kind: NOTICE_KIND_OUTAGE })")["a"],
            S::kMajorOutage);
  // A circle ends.
  EXPECT_EQ(status("kind: NOTICE_KIND_CHANGE", R"(components { component_id: "c" depends_on_component_ids: "d" }
                                                 components { component_id: "d" depends_on_component_ids: "c" })")["c"],
            S::kOperational);
}

TEST(Status, OfAllIsTheWorst) {
  const auto all = [](const std::string& text) {
    const auto page = KnownOf(text).page;
    return StatusOfAll(page, StatusOfComponents(page));
  };
  const std::string two = R"(components { component_id: "a" } components { component_id: "b" } )";
  const std::string outage = R"(active { status: NOTICE_STATUS_ACTIVE kind: NOTICE_KIND_OUTAGE component_ids: "a" )";
  EXPECT_EQ(all(""), Indicator::kNone);
  EXPECT_EQ(all(two), Indicator::kNone);
  EXPECT_EQ(all(two + outage + "}"), Indicator::kMajor);
  EXPECT_EQ(all(two + outage + "impact: NOTICE_IMPACT_CRITICAL }"), Indicator::kCritical);
  EXPECT_EQ(all(two + outage + "component_ids: \"b\" }"), Indicator::kCritical);
  EXPECT_EQ(all(two + R"(active { status: NOTICE_STATUS_ACTIVE kind: NOTICE_KIND_MAINTENANCE component_ids: "a"
                                  stage: NOTICE_STAGE_VERIFYING })"),
            Indicator::kMaintenance);
}

}  // namespace
}  // namespace throughline::edge::notices
