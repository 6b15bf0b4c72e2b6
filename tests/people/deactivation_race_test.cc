// Two replicas of ownership on one log: at one an offer is accepted, at the other its addressee is deactivated, at the
// same time and in any order. Afterwards the case has one owner who is active, on both, and every change of its owner
// is from the owner of before.

#include <random>

#include "libs/crypto/sha256.h"
#include "tests/people/world.h"

namespace throughline::people {
namespace {

using namespace ownership::v1;  // NOLINT

class DeactivationRace : public AtWork {
 protected:
  // Lets one of the two replicas go on a little, as `random` says.
  void Step(std::mt19937& random) {
    Node& node = random() % 2 == 0 ? ownership_node_ : other_node_;
    switch (random() % 3) {
      case 0:
        return node.Run();
      case 1:
        if (node.log().waiting() > 0) node.log().Acknowledge();
        return;
      default:
        if (node.log().questions() > 0) node.log().AnswerEnds();
    }
  }
  // Until nothing waits any more.
  void Interleave(std::mt19937& random) {
    Node* const nodes[] = {&ownership_node_, &other_node_};
    for (int idle = 0; idle < 8;) {
      Step(random);
      const bool waits = std::any_of(std::begin(nodes), std::end(nodes), [](Node* each) {
        return each->log().waiting() > 0 || each->log().questions() > 0;
      });
      idle = waits ? 0 : idle + 1;
      if (!waits) {
        for (Node* each : nodes) each->Run();
      }
    }
  }
  void ByHand(bool by_hand) {
    for (Node* node : {&ownership_node_, &other_node_}) {
      node->log().automatic = !by_hand;
      node->log().answers_ends = !by_hand;
    }
    if (!by_hand) world_.Run();
  }
  std::string OwnerAt(Node& node, const std::string& case_id) {
    const auto api = ownership::MakeApi(node.streams(), {});
    return Do<GetOwnershipResponse, GetOwnershipRequest>(*api, "case_id: \"" + case_id + "\"", "abe", ROLE_SUPERVISOR)
        .ownership()
        .owner();
  }
  // The owners one after the other, as the accepted commits say; fails if a change is not from the owner of before.
  Strings Owners(const std::string& case_id) {
    Strings owners;
    std::string follows;
    const std::string stream = "ownership/" + case_id;
    for (const auto& record :
         world_.book.records[{log::Topic::kOwnership, log::PartitionFor(stream, world_.book.partitions)}]) {
      throughline::log::v1::Commit commit;
      if (record->key != stream || !commit.ParseFromString(record->value) || commit.follows() != follows) continue;
      follows = crypto::Sha256(record->value);
      for (const auto& committed : commit.events()) {
        OwnershipEvent event;
        EXPECT_TRUE(event.ParseFromString(committed.data()));
        const auto change = [&](const std::string& from, const std::string& to) {
          EXPECT_EQ(from, owners.back());
          owners.push_back(to);
        };
        if (event.has_started()) owners.push_back(event.started().owner());
        if (event.has_handoff_accepted()) change(event.handoff_accepted().from(), event.handoff_accepted().to());
        if (event.has_reassigned()) change(event.reassigned().from(), event.reassigned().to());
      }
    }
    return owners;
  }

  Node& other_node_ = world_.Add(ownership::Define({}));
  const std::unique_ptr<server::Api> other_ = ownership::MakeApi(other_node_.streams(), {});
};

TEST_F(DeactivationRace, AgainstAnAcceptanceLeavesOneActiveOwner) {
  std::mt19937 random(14);
  int accepted_first = 0, refused = 0;
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    const std::string rep = "rep-" + std::to_string(round);
    Meet(rep, ROLE_REP, R"pb(team: "north")pb");
    const std::string case_id = OpenCase("ben");
    const std::string offer =
        Do<OfferHandoffResponse, OfferHandoffRequest>(
            *ownership_, "reason: \"r\" case_id: \"" + case_id + "\" to: \"" + rep + "\"", "ben", ROLE_REP)
            .handoff_id();
    ByHand(true);
    std::shared_ptr<FakeCall> accepting, deactivating;
    const auto accept = [&] {
      accepting = Begin(world_, *ownership_, "AcceptHandoff",
                        FromText<AcceptHandoffRequest>("case_id: \"" + case_id + "\" handoff_id: \"" + offer + "\""),
                        Asking(rep, ROLE_REP, "accept " + rep));
    };
    const auto deactivate = [&] {
      deactivating = Begin(world_, *other_, "DeactivatePerson",
                           FromText<DeactivatePersonRequest>("reason: \"left\" person: \"" + rep + "\""),
                           Asking("abe", ROLE_SUPERVISOR, "deactivate " + rep));
    };
    const bool accept_first = random() % 2 == 0;
    accept_first ? accept() : deactivate();
    for (size_t steps = random() % 80; steps > 0; --steps) Step(random);
    accept_first ? deactivate() : accept();
    Interleave(random);
    ByHand(false);
    ASSERT_TRUE(accepting->status.has_value() && deactivating->status.has_value());
    ASSERT_TRUE(deactivating->status->ok()) << *deactivating->status;
    const Strings owners = Owners(case_id);
    if (accepting->status->ok()) {
      ++accepted_first;
      EXPECT_EQ(owners, (Strings{"ben", rep, "zoe"}));
    } else {
      ++refused;
      EXPECT_EQ(owners, (Strings{"ben"})) << *accepting->status;
    }
    EXPECT_EQ(OwnerAt(ownership_node_, case_id), owners.back());
    EXPECT_EQ(OwnerAt(other_node_, case_id), owners.back());
    EXPECT_FALSE(Case(case_id).has_handoff());
    if (HasFailure()) break;
  }
  EXPECT_GT(accepted_first, 20) << "the interleavings are too much alike";
  EXPECT_GT(refused, 20);
}

TEST_F(DeactivationRace, ARetryOfWhatWasAcceptedIsAnsweredAsBefore) {
  Meet("dee", ROLE_REP, R"pb(team: "north")pb");
  const std::string case_id = OpenCase("ben");
  OfferHandoffRequest offer = FromText<OfferHandoffRequest>(R"pb(reason: "r" to: "dee")pb");
  offer.set_case_id(case_id);
  AcceptHandoffRequest accept;
  accept.set_case_id(case_id);
  accept.set_handoff_id(
      Ask<OfferHandoffResponse>(world_, *ownership_, "OfferHandoff", offer, Asking("ben", ROLE_REP, "offer"))
          .value()
          .handoff_id());
  const auto ask = [&](const std::string& id) {
    return Ask<AcceptHandoffResponse>(world_, *ownership_, "AcceptHandoff", accept, Asking("dee", ROLE_REP, id));
  };
  const auto accepted = ask("accept");
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  Deactivate("dee");
  Deactivate("ben");
  const auto again = ask("accept");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->version(), accepted->version());
  EXPECT_EQ(runtime::ReasonOf(ask("another").status()), "PERSON_DEACTIVATED");
  const auto offered =
      Ask<OfferHandoffResponse>(world_, *ownership_, "OfferHandoff", offer, Asking("ben", ROLE_REP, "offer"));
  ASSERT_TRUE(offered.ok()) << offered.status();
  EXPECT_EQ(offered->handoff_id(), accept.handoff_id());
}

// The same of every other command that asks whether its caller is active.
TEST_F(DeactivationRace, ARetryOfAnyCommandIsAnsweredAsBefore) {
  Meet("dee", ROLE_REP, R"pb(team: "north")pb");
  const std::string case_id = OpenCase("dee");
  const auto about = [&](const std::string& more) { return "case_id: \"" + case_id + "\" " + more; };
  const std::string later = "{ seconds: " + std::to_string(absl::ToUnixSeconds(world_.clock.Now()) + 3600) + " }";
  const auto help = [&](const std::string& id) {
    return Ask<RequestHelpResponse>(world_, *ownership_, "RequestHelp",
                                    FromText<RequestHelpRequest>(about("to: \"ben\" text: \"t\" due " + later)),
                                    Asking("dee", ROLE_REP, id));
  };
  ProposeResolutionRequest proposal = FromText<ProposeResolutionRequest>(about("text: \"t\""));
  proposal.set_code_sha256(crypto::Sha256("0123456789ABCDEFGHJK"));
  const auto answer = [&](const std::string& id) {
    return Ask<AnswerResolutionResponse>(
        world_, *ownership_, "AnswerResolution",
        FromText<AnswerResolutionRequest>(about("code: \"0123456789ABCDEFGHJK\" confirmed: true")),
        Asking("dee", ROLE_REP, id));
  };
  const auto absence = [&](const std::string& id) {
    return Ask<PlanAbsenceResponse>(world_, *ownership_, "PlanAbsence", FromText<PlanAbsenceRequest>("until " + later),
                                    Asking("dee", ROLE_REP, id));
  };
  const auto helped = help("help");
  ASSERT_TRUE(helped.ok()) << helped.status();
  const auto proposed =
      Ask<ProposeResolutionResponse>(world_, *ownership_, "ProposeResolution", proposal, Asking("dee", ROLE_REP, "p"));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const auto answered = answer("answer");
  ASSERT_TRUE(answered.ok()) << answered.status();
  const auto planned = absence("absence");
  ASSERT_TRUE(planned.ok()) << planned.status();
  Deactivate("dee");
  EXPECT_EQ(help("help").status(), absl::OkStatus());
  EXPECT_EQ(answer("answer").status(), absl::OkStatus());
  EXPECT_EQ(absence("absence").status(), absl::OkStatus());
  EXPECT_EQ(runtime::ReasonOf(help("another help").status()), "PERSON_DEACTIVATED");
  EXPECT_EQ(runtime::ReasonOf(answer("another answer").status()), "PERSON_DEACTIVATED");
  EXPECT_EQ(runtime::ReasonOf(absence("another absence").status()), "PERSON_DEACTIVATED");
}

TEST_F(DeactivationRace, AReplicaThatLagsRefusesNobodyWhoIsBack) {
  const std::string case_id = OpenCase("ben");
  Deactivate("ana");
  const auto back = Begin(world_, *ownership_, "ReactivatePerson",
                          FromText<ReactivatePersonRequest>(R"pb(reason: "back" person: "ana")pb"),
                          Asking("abe", ROLE_SUPERVISOR, "b"));
  ownership_node_.Run();
  ASSERT_TRUE(back->status.has_value() && back->status->ok());
  AddWorkNoteRequest note = FromText<AddWorkNoteRequest>(R"pb(text: "t")pb");
  note.set_case_id(case_id);
  const auto noted = Begin(world_, *other_, "AddWorkNote", note, Asking("ana", ROLE_REP, "note"));
  EXPECT_FALSE(noted->status.has_value()) << *noted->status << ": the replica knows what it must not know yet";
  world_.Run();
  ASSERT_TRUE(noted->status.has_value());
  EXPECT_TRUE(noted->status->ok()) << *noted->status;
}

}  // namespace
}  // namespace throughline::people
