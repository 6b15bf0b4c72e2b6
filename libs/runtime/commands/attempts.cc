#include "libs/runtime/commands/attempts.h"

#include "absl/strings/str_cat.h"
#include <spdlog/spdlog.h>

#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {
namespace {

// Without the text of a refusal, which may repeat what somebody wrote.
std::string Briefly(const absl::Status& status) {
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ", ReasonOf(status).value_or(""));
}

}  // namespace

void Attempts::Begin(CommandPtr command, Over over) {
  ++outstanding_;
  Try({std::move(command), std::move(over)});
}

void Attempts::Try(Attempt attempt) {
  // The command processor consumes `done`, so each try gives a copy.
  auto command = std::make_shared<Command>(*attempt.command);
  command->deadline = clock_.Trusted() + absl::Seconds(30);
  command->done = [this, attempt = std::move(attempt),
                   alive = std::weak_ptr<int>(alive_)](absl::StatusOr<CommandResult> settled) mutable {
    if (alive.expired()) return;
    if (!settled.ok() && !IsRefusal(settled.status())) {
      const absl::Duration when = clock_.Steady() + attempt.backoff.Next();
      if (attempt.backoff.became_long()) {
        spdlog::warn("{} answering {} is tried again until it is settled: {}", attempt.command->stream.ToString(),
                     attempt.command->caller.causation_id, Briefly(settled.status()));
      }
      later_.emplace(when, std::move(attempt));
      return;
    }
    --outstanding_;
    if (!settled.ok()) {
      spdlog::warn("{} answering {} was refused: {}", attempt.command->stream.ToString(),
                   attempt.command->caller.causation_id, Briefly(settled.status()));
    }
    attempt.over(settled.ok());
  };
  commands_.Take(std::move(command));
}

void Attempts::Step() {
  const absl::Duration now = clock_.Steady();
  while (!later_.empty() && later_.begin()->first <= now) {
    Attempt attempt = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    Try(std::move(attempt));
  }
}

}  // namespace throughline::runtime
