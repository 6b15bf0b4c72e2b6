#include "tests/faults/ledger.h"

#include <algorithm>
#include <memory>

#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "throughline/intake/v1/queries.pb.h"

namespace throughline::testing {
namespace {

constexpr size_t kRecentCases = 200;
constexpr int kSenders = 16;
constexpr absl::Duration kPauseAfterUnknown = absl::Milliseconds(20);

bool OutcomeUnknown(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
}

client::Options OneTry(const SuiteProcess& suite) {
  client::Options options = suite.OptionsFor("ana");
  options.tries = 1;
  options.timeout = absl::Seconds(5);
  return options;
}

}  // namespace

bool Ledger::SendOne(const client::Client& client, const std::string& id) {
  Entry entry;
  {
    absl::MutexLock lock(&mutex_);
    const int64_t turn = turn_++;
    if (turn % 2 == 1 && !open_cases_.empty()) {
      entry.is_interaction = true;
      const size_t recent = std::min(open_cases_.size(), kRecentCases);
      entry.case_id = open_cases_[open_cases_.size() - 1 - static_cast<size_t>(turn) % recent];
      entry.interaction.set_command_id(id);
      entry.interaction.set_case_id(entry.case_id);
      entry.interaction.set_channel(intake::v1::CHANNEL_PHONE);
      entry.interaction.set_direction(intake::v1::DIRECTION_INBOUND);
      entry.interaction.set_text("interaction " + id);
    } else {
      entry.open.set_command_id(id);
      entry.open.set_customer_id("customer-" + id);
      entry.open.set_subject("subject " + id);
      entry.open.set_text("case " + id);
      entry.open.set_channel(intake::v1::CHANNEL_PHONE);
    }
    entries_[id] = entry;
    file_ << "sent " << id << (entry.is_interaction ? " interaction " + entry.case_id : " case") << std::endl;
  }
  const absl::Status status = Send(client, entry);
  Note(id, entry, status);
  return !OutcomeUnknown(status);
}

absl::Status Ledger::Send(const client::Client& client, Entry& entry) {
  if (entry.is_interaction) return client.Call<intake::v1::RecordInteractionResponse>(entry.interaction).status();
  absl::StatusOr<intake::v1::OpenCaseResponse> opened = client.Call<intake::v1::OpenCaseResponse>(entry.open);
  if (opened.ok()) entry.case_id = opened->case_id();
  return opened.status();
}

void Ledger::Note(const std::string& id, const Entry& entry, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  Entry& known = entries_[id];
  known.case_id = entry.case_id;
  if (status.ok()) {
    known.answer = Answer::kAcknowledged;
    ++acknowledged_;
    if (!known.is_interaction) open_cases_.push_back(entry.case_id);
  } else if (!OutcomeUnknown(status)) {
    known.answer = Answer::kRefused;
  }
  file_ << (status.ok() ? "ok " + id + " " + entry.case_id : (OutcomeUnknown(status) ? "unknown " : "refused ") + id)
        << std::endl;
}

Ledger::Totals Ledger::totals() const {
  absl::MutexLock lock(&mutex_);
  Totals totals;
  for (const auto& [id, entry] : entries_) {
    ++totals.sent;
    totals.acknowledged += entry.answer == Answer::kAcknowledged;
    totals.unknown += entry.answer == Answer::kNone;
    totals.refused += entry.answer == Answer::kRefused;
  }
  return totals;
}

void Ledger::AwaitAcknowledged(int64_t enough) const {
  auto reached = [this, enough]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return acknowledged_ >= enough; };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&reached));
}

std::vector<std::string> Ledger::SettleAndCheck(const client::Client& client) {
  std::map<std::string, Entry> entries;
  {
    absl::MutexLock lock(&mutex_);
    entries = entries_;
  }
  std::vector<std::string> wrong;
  std::map<std::string, std::map<std::string, int>>
      expected;  // case -> text of an interaction -> 1: present, 0: absent
  for (auto& [id, entry] : entries) {
    if (entry.answer == Answer::kNone) {
      const absl::Status settled = Send(client, entry);
      if (!settled.ok()) wrong.push_back(id + ": is not settled by trying again: " + settled.ToString());
      entry.answer = Answer::kAcknowledged;
      Note(id, entry, settled);
    } else if (entry.answer == Answer::kAcknowledged) {
      // Send it again: the outcome must be the same; the count below would show a second effect.
      const std::string before = entry.case_id;
      const absl::Status again = Send(client, entry);
      if (!again.ok() || entry.case_id != before)
        wrong.push_back(id + ": a retry is answered otherwise: " + again.ToString());
    }
    const bool there = entry.answer == Answer::kAcknowledged;
    if (entry.is_interaction) {
      expected[entry.case_id][entry.interaction.text()] = there ? 1 : 0;
    } else if (there) {
      expected[entry.case_id];
    }
  }
  for (const auto& [case_id, texts] : expected) {
    std::map<std::string, int> found;
    intake::v1::GetCaseRequest request;
    request.set_case_id(case_id);
    request.set_page_size(1000);
    do {
      absl::StatusOr<intake::v1::GetCaseResponse> got = client.Call<intake::v1::GetCaseResponse>(request);
      if (!got.ok()) {
        wrong.push_back(case_id + ": was acknowledged, and cannot be read: " + got.status().ToString());
        break;
      }
      if (got->case_().owner().empty()) wrong.push_back(case_id + ": has no owner");
      for (const auto& interaction : got->interactions()) ++found[interaction.text()];
      request.set_page_token(got->next_page_token());
    } while (!request.page_token().empty());
    for (const auto& [text, count] : texts) {
      if (found[text] != count) {
        wrong.push_back(case_id + ": '" + text + "' has " + std::to_string(found[text]) + " effects instead of " +
                        std::to_string(count));
      }
    }
  }
  return wrong;
}

Load::Load(Ledger& ledger, const SuiteProcess& suite, const std::string& prefix, absl::Duration pause) {
  const client::Options options = OneTry(suite);
  for (int sender = 0; sender < kSenders; ++sender) {
    threads_.emplace_back([this, &ledger, options, pause, name = prefix + "-s" + std::to_string(sender) + "-"] {
      auto client = std::make_unique<client::Client>(options);
      for (int i = 0; !stop_.load(); ++i) {
        const bool known = ledger.SendOne(*client, name + std::to_string(i));
        absl::SleepFor(known ? pause : std::max(pause, kPauseAfterUnknown));
        if (!known) client = std::make_unique<client::Client>(options);
      }
    });
  }
}

Load::~Load() {
  stop_.store(true);
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace throughline::testing
