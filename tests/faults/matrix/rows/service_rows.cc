// Rows 21 and 23, and the soak: a service that is down, services stopped under load, replicas killed all the time.

#include <atomic>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/scene.h"
#include "tests/support/eventually.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::faults {
namespace {

using testing::Replica;

void RunServiceDown(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  for (log::Topic away : {log::Topic::kOwnership, log::Topic::kOutageNotice, log::Topic::kSupplierTracking}) {
    load.AwaitAcknowledged(scene.ledger().acknowledged() + context.settings.commands / 12);
    for (const Replica& replica : scene.suite().replicas(away)) scene.suite().Terminate(replica);
    // Commands that do not need the service succeed.
    intake::v1::OpenCaseRequest open;
    open.set_customer_id("c");
    open.set_subject("s");
    open.set_text("t");
    open.set_channel(intake::v1::CHANNEL_PHONE);
    open.set_command_id(absl::StrCat("while-away-", static_cast<int>(away)));
    Ledger::Entry& entry =
        *scene.ledger().Write(Ledger::Kind::kOpen, std::make_unique<intake::v1::OpenCaseRequest>(open),
                              std::make_unique<intake::v1::OpenCaseResponse>(), "");
    const absl::Status opened = scene.client().CallInto(*entry.request, *entry.response);
    scene.ledger().Note(entry, opened);
    outcome.Holds(opened, absl::StrCat("opening a case without ", std::string(log::ServiceName(away))));
    const int64_t before = scene.ledger().acknowledged();
    if (!load.AwaitAcknowledged(before + context.settings.commands / 12)) outcome.Problem("the others do not go on");
    if (away == log::Topic::kOwnership) {
      ownership::v1::AddWorkNoteRequest request;
      request.set_case_id(entry.subject);
      request.set_text("work note");
      ownership::v1::AddWorkNoteResponse response;
      const absl::Status told = scene.client().TryOnce({away, 0}, request, response);
      if (!absl::IsUnavailable(told)) outcome.Problem("what needs ownership is told: " + told.ToString());
      outcome.Note("what needs it is told: " + std::string(told.message()).substr(0, 60));
    }
    if (!outcome.Holds(scene.suite().RestartAll(), "starting it again")) return;
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = "all replicas of ownership, outage-notice, supplier-tracking stopped in turn";
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

// Followers, each of one case or order, until the server ends the stream.
class Followers {
 public:
  template <typename Request, typename Response>
  void Follow(client::Options options, Request request) {
    options.timeout = absl::InfiniteDuration();
    threads_.emplace_back([this, options, request] {
      const client::Client client(options);
      const absl::Status ended = client.Watch<Response>(
          request,
          [this](const Response&) {
            ++views_;
            return true;
          },
          absl::Seconds(60));
      if (absl::IsDeadlineExceeded(ended)) ++left_;
    });
  }
  int Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return left_.load();
  }
  ~Followers() { Join(); }
  int views() const { return views_.load(); }

 private:
  std::atomic<int> views_{0}, left_{0};
  std::vector<std::thread> threads_;
};

void RunTermination(const Context& context, Outcome& outcome) {
  const absl::Duration grace = absl::Seconds(10);  // the default
  const int rounds = context.FullOrShort(4, 1);
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  load.AwaitAcknowledged(context.settings.commands / 10);
  absl::Duration longest;
  int views = 0;
  for (int round = 0; round < rounds; ++round) {
    load.AwaitAcknowledged(scene.ledger().acknowledged() + context.settings.commands / (rounds + 2));
    const Replica intake{log::Topic::kIntake, round % 2}, supplier{log::Topic::kSupplierTracking, round % 2};
    Followers followers;
    intake::v1::ListCasesRequest list;
    list.set_page_size(20);
    auto cases = scene.client().Call<intake::v1::ListCasesResponse>(list);
    if (!outcome.Holds(cases.status(), "listing cases")) return;
    for (const auto& view : cases->cases()) {
      intake::v1::WatchCaseRequest watch;
      watch.set_case_id(view.case_id());
      followers.Follow<intake::v1::WatchCaseRequest, intake::v1::WatchCaseResponse>(
          scene.suite().OptionsFor(intake, kPerson), watch);
    }
    supplier::v1::ListOrdersRequest orders_list;
    orders_list.set_page_size(10);
    auto orders = scene.client().Call<supplier::v1::ListOrdersResponse>(orders_list);
    if (!outcome.Holds(orders.status(), "listing orders")) return;
    for (const auto& order : orders->orders()) {
      supplier::v1::WatchOrderRequest watch;
      watch.set_order_id(order.order_id());
      followers.Follow<supplier::v1::WatchOrderRequest, supplier::v1::WatchOrderResponse>(
          scene.suite().OptionsFor(supplier, kPerson), watch);
    }
    const int followed = cases->cases_size() + orders->orders_size();
    if (!Eventually([&] { return followers.views() >= followed; })) outcome.Problem("some followers hear nothing");
    for (const Replica& replica : {intake, supplier, Replica{log::Topic::kOwnership, round % 2},
                                   Replica{log::Topic::kOutageNotice, round % 2}}) {
      const absl::Time told = absl::Now();
      const int code = scene.suite().Terminate(replica);
      const absl::Duration took = absl::Now() - told;
      longest = std::max(longest, took);
      if (code != 0) outcome.Problem(absl::StrCat(NameOf(replica), " ended with ", code));
      if (took > grace + absl::Seconds(3))
        outcome.Problem(absl::StrCat(NameOf(replica), " took ", absl::FormatDuration(took)));
    }
    if (followers.Join() > 0) outcome.Problem("streams outlived their server");
    views += followers.views();
    if (!outcome.Holds(scene.suite().RestartAll(), "starting them again")) return;
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat(rounds * 4, " x SIGTERM under load with open streams");
  outcome.Note(absl::StrCat("gone after at most ", absl::FormatDuration(longest), "; followers saw ", views, " views"));
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

void RunSoak(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  std::mt19937_64 random(context.seed());
  constexpr absl::Duration kPatience = absl::Seconds(10);
  Load load(scene.ledger(), scene.client(), {.seed = context.seed(), .senders = 12, .patience = kPatience});
  load.AwaitAcknowledged(200);
  load.ForgetGaps();
  int kills = 0;
  const absl::Time begun = absl::Now();
  while (absl::Now() - begun < context.settings.soak) {
    absl::SleepFor(absl::Milliseconds(1000 + random() % 2500));
    const Replica victim = scene.Any(random);
    scene.suite().Kill(victim);
    ++kills;
    if (!outcome.Holds(scene.suite().Restart(victim), "starting it again")) return;
  }
  const absl::Duration took = absl::Now() - begun;
  const absl::Duration gap = load.LongestGap().of_all;
  load.Stop();
  int64_t in_time = 0, at_once = 0, all = 0;
  absl::Duration slowest;
  for (const Ledger::Entry& entry : scene.ledger().entries()) {
    ++all;
    if (entry.answer == Ledger::Answer::kNone) continue;
    in_time += entry.answered - entry.first_sent <= kPatience;
    at_once += !entry.was_unknown;
    slowest = std::max(slowest, entry.answered - entry.first_sent);
  }
  outcome.injected = absl::StrCat(kills, " x kill -9 of a random replica in ", absl::FormatDuration(took));
  outcome.Note(absl::StrFormat("availability for a client that retries %.4f %%, for one that does not %.4f %%",
                               100.0 * static_cast<double>(in_time) / static_cast<double>(all),
                               100.0 * static_cast<double>(at_once) / static_cast<double>(all)));
  outcome.Note(absl::StrCat(
      "longest gap in acknowledgements ", absl::FormatDuration(gap), ", slowest answer ", absl::FormatDuration(slowest),
      ", ", static_cast<int64_t>(static_cast<double>(scene.ledger().acknowledged()) / absl::ToDoubleSeconds(took)),
      " commands/s"));
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> ServiceRows() {
  return {{21, "another service is down", 1, RunServiceDown},
          {23, "SIGTERM under load with open streams", 1, RunTermination}};
}

Row SoakRow() { return {0, "soak: a random replica killed every few seconds", 1, RunSoak}; }

}  // namespace throughline::faults
