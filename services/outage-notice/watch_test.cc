// WatchNotices resumes after any of its messages, on any replica, also for notices that were resolved in between.

#include <random>

#include "libs/service/testing.h"
#include "services/outage-notice/outage_notice.h"
#include "services/outage-notice/projections/tables.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::outage {
namespace {

using NoticeWatch = service::testing::Watching<v1::WatchNoticesResponse>;
using service::testing::Node;
using service::testing::World;
// What a client knows: the last message about each notice.
using Known = std::map<std::string, std::string>;

// Publishes, updates, links and resolves notices at random.
class Happenings {
 public:
  Happenings(World& world, uint32_t seed) : world_(world), random_(seed) {}

  void Happen() {
    world_.Pass(absl::Minutes(1));
    const size_t which = random_() % 4;
    if (open_.size() <= which || which == 3) return Publish();
    const std::string id = open_[which];
    switch (random_() % 4) {
      case 0:
        open_.erase(open_.begin() + static_cast<int64_t>(which));
        return Notice(id, R"(resolved { text: "It works." })");
      case 1:
        return Link(id);
      default:
        return Notice(id, R"(updated { text: "Soon." next_update_due { seconds: 1893456000 } })");
    }
  }

 private:
  void Publish() {
    const std::string id = absl::StrCat("n", ++published_);
    open_.push_back(id);
    if (random_() % 4 == 0) Link(id);  // by a case that is folded before the notice
    Notice(id, absl::StrCat("published { notice_id: \"", id, "\" title: \"Down\" component_ids: \"",
                            published_ % 2 == 0 ? "a" : "b", "\" next_update_due { seconds: 1893456000 } }"));
  }
  void Notice(const std::string& id, const std::string& event) {
    world_.Write(log::Topic::kOutageNotice, "notice/" + id, runtime::testing::FromText<v1::NoticeEvent>(event));
  }
  void Link(const std::string& id) {
    const std::string case_id = absl::StrCat("k", ++cases_);
    world_.Write(log::Topic::kIntake, "case/" + case_id,
                 runtime::testing::FromText<intake::v1::CaseEvent>(
                     absl::StrCat("opened { case_id: \"", case_id, "\" notice_ids: \"", id, "\" }")));
  }

  World& world_;
  std::mt19937 random_;
  std::vector<std::string> open_;
  int published_ = 0, cases_ = 0;
};

NoticeWatch Watch(World& world, const server::Api& api, const std::string& component, const std::string& resume_from) {
  v1::WatchNoticesRequest request;
  if (!component.empty()) request.add_component_ids(component);
  request.set_resume_from(resume_from);
  return NoticeWatch(api, "WatchNotices", request, world.clock.Now());
}

// Adds the messages to `known`. Expects each to differ from the last message about the same notice.
void Learn(const std::vector<v1::WatchNoticesResponse>& messages, size_t begin, size_t end, Known& known) {
  for (size_t i = begin; i < end; ++i) {
    const std::string text = messages[i].notice().ShortDebugString();
    EXPECT_NE(known[messages[i].notice().notice_id()], text) << "sent twice";
    known[messages[i].notice().notice_id()] = text;
  }
}

// Resumes after every message of a watch, here and on a replica that has folded nothing yet, and expects the same
// knowledge in the end.
void ExpectTheRest(World& world, const server::Api& api, const std::string& component, const NoticeWatch& watch,
                   size_t& cuts) {
  const auto messages = watch.messages();
  Known whole;
  Learn(messages, 0, messages.size(), whole);
  Known before;
  for (size_t cut = 0; cut < messages.size(); ++cut, ++cuts) {
    SCOPED_TRACE(absl::StrCat("after message ", cut, " of ", messages.size(), " about `", component, "`"));
    Learn(messages, cut, cut + 1, before);
    const NoticeWatch here = Watch(world, api, component, messages[cut].consistency_token());
    Known known = before;
    Learn(here.messages(), 0, here.messages().size(), known);
    EXPECT_EQ(known, whole);
    std::set<std::string> ids;
    for (const auto& message : here.messages()) {
      EXPECT_TRUE(ids.insert(message.notice().notice_id()).second) << "only the present view is sent";
    }
    Node behind(Define({}), world.book, world.clock);
    const auto its_api = MakeApi(behind.streams(), {});
    const NoticeWatch there = Watch(world, *its_api, component, messages[cut].consistency_token());
    EXPECT_TRUE(there.messages().empty());
    behind.Run();
    EXPECT_FALSE(there.status()) << *there.status();
    known = before;
    Learn(there.messages(), 0, there.messages().size(), known);
    EXPECT_EQ(known, whole);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(WatchNotices, ResumesAfterAnyOfItsMessages) {
  size_t cuts = 0;
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    World world;
    Node& node = world.Add(Define({}));
    const auto api = MakeApi(node.streams(), {});
    Happenings happenings(world, seed);
    const NoticeWatch all = Watch(world, *api, "", ""), some = Watch(world, *api, "a", "");
    for (int i = 0; i < 25; ++i) happenings.Happen();
    const NoticeWatch late = Watch(world, *api, "", "");  // starts with several active notices
    EXPECT_GE(late.messages().size(), 2u);
    for (int i = 0; i < 15; ++i) happenings.Happen();
    ExpectTheRest(world, *api, "", all, cuts);
    ExpectTheRest(world, *api, "a", some, cuts);
    ExpectTheRest(world, *api, "", late, cuts);
    // In the end the client knows the present rows.
    Known known;
    Learn(all.messages(), 0, all.messages().size(), known);
    for (const auto& [id, text] : known) EXPECT_EQ(kNotices.Get(node.store(), id)->ShortDebugString(), text);
    if (HasFailure()) return;
  }
  EXPECT_GT(cuts, 200u);
}

TEST(WatchNotices, APositionIsValidForAWatchOfTheSameComponentsOnly) {
  World world;
  Node& node = world.Add(Define({}));
  const auto api = MakeApi(node.streams(), {});
  Happenings happenings(world, 1);
  for (int i = 0; i < 5; ++i) happenings.Happen();
  const std::string token = Watch(world, *api, "", "").messages().at(0).consistency_token();
  EXPECT_FALSE(Watch(world, *api, "", token).status());
  const NoticeWatch other = Watch(world, *api, "a", token);
  ASSERT_TRUE(other.status());
  EXPECT_EQ(runtime::BadFieldsOf(*other.status()), std::vector<std::string>{"resume_from"});
}

}  // namespace
}  // namespace throughline::outage
