// Row 29: credentials are revoked while their holders have streams open, for reading and for writing, on every replica.

#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/scene.h"
#include "tests/support/eventually.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/supplier/v1/push.pb.h"

namespace throughline::faults {
namespace {

using testing::Replica;

constexpr absl::Duration kEndsWithin = absl::Seconds(2);
constexpr char kFollower[] = "eve";
constexpr char kPusher[] = "eve-ups";

absl::Status RunToken(Scene& scene, const std::string& directory, std::vector<std::string> words) {
  std::vector<std::string> command = {
      testing::Program("throughline"), "--data", directory, "--timeout", "20s", "token"};
  command.insert(command.end(), words.begin(), words.end());
  const testing::Finished ended = testing::Run(command);
  // When the tool returns, all replicas have applied the change.
  const std::string all = absl::StrCat("in force in all ", scene.suite().replicas().size(), " running servers");
  if (ended.exit_code == 0 && absl::StrContains(ended.out, all)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("token ", words[0], ": ", ended.out, ended.err));
}

// One stream, and when and how it ended.
struct Stream {
  std::string what;
  std::atomic<bool> heard{false};
  absl::Status ended;
  absl::Time at;
  std::thread thread;

  template <typename Open>
  void Run(Open open) {
    thread = std::thread([this, open] {
      ended = open(heard);
      at = absl::Now();
    });
  }
};

absl::Status FollowCase(const client::Options& options, const std::string& case_id, std::atomic<bool>& heard) {
  intake::v1::WatchCaseRequest request;
  request.set_case_id(case_id);
  return client::Client(options).Watch<intake::v1::WatchCaseResponse>(
      request, [&](const auto&) { return heard = true; }, absl::Seconds(60));
}

// Pushes items without end; they are answered and change nothing.
absl::Status PushOn(const client::Options& options, std::atomic<bool>& heard) {
  const absl::Time end = absl::Now() + absl::Seconds(60);
  return client::Client(options).Push<supplier::v1::PushRawEventsRequest, supplier::v1::PushRawEventsResponse>(
      [&](supplier::v1::PushRawEventsRequest& request) {
        absl::SleepFor(absl::Milliseconds(5));  // the partner's own pace
        request.set_format("no-such-format");
        request.set_body("{}");
        return absl::Now() < end;
      },
      [&](const auto&, const auto&) { heard = true; });
}

void RunRevocation(const Context& context, Outcome& outcome) {
  const int rounds = context.FullOrShort(5, 1);
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  const std::string& directory = scene.suite().options().directory;
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  absl::Duration longest;
  int streams_ended = 0;
  for (int round = 0; round < rounds; ++round) {
    load.AwaitAcknowledged(scene.ledger().acknowledged() + context.settings.commands / (rounds + 2));
    intake::v1::ListCasesRequest list;
    list.set_page_size(10);
    const auto cases = scene.client().Call<intake::v1::ListCasesResponse>(list);
    if (!outcome.Holds(cases.status(), "listing cases")) return;
    if (!outcome.Holds(RunToken(scene, directory, {"create", kFollower, "--role", "rep"}), "making a token")) return;
    if (!outcome.Holds(RunToken(scene, directory, {"create", kPusher, "--role", "partner", "--party", "ups"}),
                       "making a token"))
      return;
    std::vector<std::unique_ptr<Stream>> streams;
    for (const Replica& intake : scene.suite().replicas(log::Topic::kIntake)) {
      for (const auto& view : cases->cases()) {
        streams.push_back(std::make_unique<Stream>());
        streams.back()->what = absl::StrCat("a follower of ", NameOf(intake));
        streams.back()->Run([options = scene.suite().OptionsFor(intake, kFollower),
                             case_id = view.case_id()](auto& heard) { return FollowCase(options, case_id, heard); });
      }
    }
    for (const Replica& supplier : scene.suite().replicas(log::Topic::kSupplierTracking)) {
      streams.push_back(std::make_unique<Stream>());
      streams.back()->what = absl::StrCat("a push to ", NameOf(supplier));
      streams.back()->Run(
          [options = scene.suite().OptionsFor(supplier, kPusher)](auto& heard) { return PushOn(options, heard); });
    }
    for (const auto& stream : streams) {
      if (!Eventually([&] { return stream->heard.load(); })) outcome.Problem(stream->what + " hears nothing");
    }
    for (const char* name : {kFollower, kPusher}) {
      const absl::Time told = absl::Now();
      const client::Options before = scene.suite().OptionsFor({log::Topic::kIntake, round % 2}, name);
      outcome.Holds(RunToken(scene, directory, {"revoke", name}), "revoking");
      if (name == std::string(kFollower)) {
        const absl::Status after = client::Client(before).Call<intake::v1::ListCasesResponse>(list).status();
        if (!absl::IsUnauthenticated(after)) outcome.Problem("a call after the revocation: " + after.ToString());
      }
      for (const auto& stream : streams) {
        if ((name == std::string(kPusher)) != absl::StartsWith(stream->what, "a push")) continue;
        stream->thread.join();
        longest = std::max(longest, stream->at - told);
        ++streams_ended;
        if (!absl::IsUnauthenticated(stream->ended)) {
          outcome.Problem(absl::StrCat(stream->what, " ended with ", stream->ended.ToString()));
        }
      }
    }
  }
  if (longest > kEndsWithin) outcome.Problem("a stream went on for " + absl::FormatDuration(longest));
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat(rounds * 2, " x token revoke under load");
  outcome.Note(absl::StrCat(streams_ended, " streams ended, after at most ", absl::FormatDuration(longest)));
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> CredentialRows() { return {{29, "credential revoked while a stream is open", 1, RunRevocation}}; }

}  // namespace throughline::faults
