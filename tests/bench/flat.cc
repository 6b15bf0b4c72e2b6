#include "tests/bench/flat.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/commit.h"
#include "services/throughline/suite.h"
#include "tests/bench/support/case_suite.h"
#include "tests/bench/support/requests.h"
#include "tests/bench/support/straight.h"
#include "tests/support/process.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::bench {
namespace {

constexpr int64_t kOwners = 1'000;  // of the cases that are not ana's

// The commit that opens case `n`. Its times lie so that nothing of it becomes due while it is measured.
throughline::log::v1::Commit Opening(int64_t n, const std::string& owner, absl::Time now) {
  const intake::v1::OpenCaseRequest request = OpenCase("flat", n);
  runtime::Caller caller;
  caller.id = owner;
  caller.command_id = request.command_id();
  intake::v1::CaseEvent event;
  intake::v1::CaseOpened& opened = *event.mutable_opened();
  opened.set_case_id(runtime::DerivedId(caller, "case"));
  opened.set_customer_id(Customer("flat", n));
  opened.set_subject(request.subject());
  opened.set_text(request.text());
  opened.set_channel(request.channel());
  opened.set_owner(owner);
  opened.set_assignment_reason(intake::v1::ASSIGNMENT_REASON_TOOK_INTERACTION);
  opened.set_opened_by(owner);
  *opened.mutable_next_update_due() = runtime::ToProto(now + absl::Hours(24 * 30) + absl::Milliseconds(n));
  throughline::log::v1::Commit commit;
  commit.set_stream("case/" + opened.case_id());
  commit.set_version(1);
  commit.set_command_id(request.command_id());
  commit.mutable_actor()->set_id(owner);
  commit.mutable_actor()->add_roles(common::v1::ROLE_REP);
  *commit.mutable_event_time() = runtime::ToProto(now - absl::Hours(1) + absl::Microseconds(300 * n % 3'600'000'000));
  commit.set_correlation_id(runtime::DerivedId(caller, "correlation"));
  commit.set_causation_id("request/" + commit.correlation_id());
  commit.set_schema_version(runtime::kSchemaVersion);
  auto& committed = *commit.add_events();
  committed.set_type(opened.GetTypeName());
  event.SerializeToString(committed.mutable_data());
  commit.set_command_digest(crypto::Sha256(request.SerializeAsString()).substr(0, 16));
  return commit;
}

double MibOf(const std::string& path) {
  double bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  return bytes / (1 << 20);
}

// Ten thousand or ten million, and what was seen of them.
struct Side {
  int64_t cases = 0;
  std::vector<std::string> ids;  // of ana's
  double write_seconds = 0, fold_seconds = 0, index_seconds = 0, start_seconds = 0, verify_seconds = 0;
  double log_mib = 0, stores_mib = 0, cache_mib = 0, memory_mib = 0, verify_memory_mib = 0;
};

// Writes the cases, and folds them as every service.
void FillSide(Side& side, const std::string& data) {
  const std::unique_ptr<log::EmbeddedLog> log = OpenLog(data);
  const int64_t step = std::max<int64_t>(1, side.cases / kKnownCases);
  const absl::Time begun = absl::Now();
  {
    LogWriter writer(*log);
    for (int64_t n = 0; n < side.cases; ++n) {
      if (n > 0 && n % 1'000'000 == 0) Progress(fmt::format("  {} cases written", n));
      const bool known = n % step == 0 && static_cast<int64_t>(side.ids.size()) < kKnownCases;
      const auto commit = Opening(n, known ? "ana" : fmt::format("owner-{}", n % kOwners), begun);
      if (known) side.ids.push_back(commit.stream().substr(5));
      writer.Append(log::Topic::kIntake, commit.stream(), commit.SerializeAsString());
    }
  }
  side.write_seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  const absl::Time folding = absl::Now();
  FoldStores(*log, data);
  side.fold_seconds = absl::ToDoubleSeconds(absl::Now() - folding);
}

// `throughline verify` on the stopped suite's data: the log and all stores.
void Verify(Side& side, const std::string& data) {
  Progress(fmt::format("  verifying {} cases", side.cases));
  const absl::Time begun = absl::Now();
  const testing::Finished done = testing::Run({testing::Program("throughline"), "--data", data, "verify"});
  if (done.exit_code != 0) Fail("verify: " + done.err + done.out);
  side.verify_seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  side.verify_memory_mib = done.peak_memory_mib;
}

void AddSide(const Side& few, const Side& many, Report& report) {
  const auto add = [&](const char* key, const char* what, double Side::*value, const char* unit) {
    const double less = few.*value, more = many.*value;
    report.AddValue(absl::StrCat("flat_", key, "_few"), fmt::format("{}, {} cases", what, few.cases), less, unit);
    report.AddValue(absl::StrCat("flat_", key), fmt::format("{}, {} cases", what, many.cases), more, unit);
  };
  add("write_seconds", "writing the log", &Side::write_seconds, "s");
  add("fold_seconds", "folding by all four services at once", &Side::fold_seconds, "s");
  add("index_seconds", "until the search's index is filled", &Side::index_seconds, "s");
  add("start_seconds", "starting on its stores", &Side::start_seconds, "s");
  add("cache_mib", "block cache of the suite", &Side::cache_mib, "MiB");
  add("memory_mib", "peak memory of the suite", &Side::memory_mib, "MiB");
  add("log_mib", "the log on disk", &Side::log_mib, "MiB");
  add("stores_mib", "the four stores on disk", &Side::stores_mib, "MiB");
  add("verify_seconds", "verify", &Side::verify_seconds, "s");
  add("verify_memory_mib", "peak memory of verify", &Side::verify_memory_mib, "MiB");
}

// The block cache for so many cases, as deploy/runbooks/capacity.md says.
int CacheMib(int64_t cases) { return static_cast<int>(std::max<int64_t>(128, 60 * cases / 1'000'000)); }

// A suite on the cases, which was started again once it had no work left.
std::unique_ptr<RunningSuite> Restarted(Side& side) {
  auto suite =
      std::make_unique<RunningSuite>([&](const std::string& data) { FillSide(side, data); }, CacheMib(side.cases));
  const absl::Time filling = absl::Now();
  suite->AwaitQuiet();
  side.index_seconds = absl::ToDoubleSeconds(absl::Now() - filling);
  const absl::Time begun = absl::Now();
  suite->Restart();
  side.start_seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  return suite;
}

void Finish(Side& side, CaseSuite& cases) {
  side.cache_mib = CacheMib(side.cases);
  side.memory_mib = cases.suite().PeakMemoryMib();
  cases.suite().Stop();
  side.log_mib = MibOf(LogPath(cases.suite().data()));
  side.stores_mib = MibOf(cases.suite().data() + "/stores");
  Verify(side, cases.suite().data());
}

}  // namespace

void MeasureFlat(const Size& size, Report& report) {
  Side few{.cases = size.small_orders}, many{.cases = size.flat_cases};
  Progress(fmt::format("flat: writing {} and {} cases", few.cases, many.cases));
  CaseSuite with_few(Restarted(few)), with_many(Restarted(many));
  MeasureGrowth(size.rounds, {with_few, few.ids}, {with_many, many.ids, size.cold}, "flat",
                fmt::format("{} cases vs {}", many.cases, few.cases), report);
  Finish(few, with_few);
  Finish(many, with_many);
  AddSide(few, many, report);
}

}  // namespace throughline::bench
