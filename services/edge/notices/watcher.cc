#include "services/edge/notices/watcher.h"

#include <pthread.h>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/client/services.h"
#include "libs/files/whole_file.h"
#include "libs/server/operations/logging.h"

namespace throughline::edge::notices {
namespace {

constexpr int kOver = 100;  // notices that are over, in the history
constexpr absl::Duration kAlive = absl::Seconds(15);
constexpr absl::Duration kLook = absl::Seconds(1);  // how often it is looked whether something else is to be shown

}  // namespace

Watcher::Watcher(const client::Forwarder& forwarder, Options options, NoticesProbe& probe)
    : forwarder_(forwarder),
      options_(std::move(options)),
      probe_(probe),
      live_(std::make_shared<Live>(options_.live, probe.live())),
      thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "notices");
}

Watcher::~Watcher() { Stop(); }

void Watcher::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stops_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const Site> Watcher::site() const {
  absl::MutexLock lock(&mutex_);
  return site_;
}

void Watcher::Run() {
  answered_ = absl::Now();  // it cannot be older
  for (;;) {
    const absl::Time next = absl::Now() + options_.poll;
    const std::optional<client::Reply> reply = Ask();
    if (!reply.has_value()) return;
    Take(*reply);
    do {
      Show();
      if (!Wait(std::min(next - absl::Now(), kLook))) return;
    } while (absl::Now() < next);
  }
}

bool Watcher::Wait(absl::Duration time) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stops_), time);
}

std::optional<client::Reply> Watcher::Ask() {
  outage::v1::GetStatusPageRequest request;
  if (page_.has_value()) request.set_known_digest(page_->digest());
  request.set_over_size(kOver);
  std::optional<std::string> token = files::ReadFile(options_.token_file);
  if (!token.has_value()) {
    return client::Reply{.code = static_cast<int>(absl::StatusCode::kFailedPrecondition),
                         .message = absl::StrCat("the file ", options_.token_file, " cannot be read")};
  }
  absl::StripAsciiWhitespace(&*token);
  // Outlives this call of Ask: the watcher may stop before the answer is there.
  struct Answer {
    absl::Mutex mutex;
    std::optional<client::Reply> reply ABSL_GUARDED_BY(mutex);
  };
  const auto answer = std::make_shared<Answer>();
  const auto call = forwarder_.Call({.method = client::MethodFor(*request.GetDescriptor()),
                                     .request = request.SerializeAsString(),
                                     .metadata = {{"authorization", absl::StrCat("Bearer ", *token)}},
                                     .deadline = absl::Now() + options_.answer,
                                     .repeatable = true},
                                    [answer](client::Reply reply) {
                                      absl::MutexLock lock(&answer->mutex);
                                      answer->reply = std::move(reply);
                                    });
  for (;;) {
    {
      absl::MutexLock lock(&answer->mutex);
      const auto there = [](std::optional<client::Reply>* reply) { return reply->has_value(); };
      if (answer->mutex.AwaitWithTimeout(absl::Condition(+there, &answer->reply), std::min(kLook, options_.poll))) {
        return *std::move(answer->reply);
      }
    }
    Show();
    if (!Wait(absl::ZeroDuration())) {
      call->Cancel();
      return std::nullopt;
    }
  }
}

void Watcher::Take(const client::Reply& reply) {
  probe_.Asked(reply.code);
  if (reply.code != 0) return Complain(absl::StrCat("code ", reply.code, ", ", reply.message));
  outage::v1::GetStatusPageResponse page;
  if (!page.ParseFromString(reply.response)) return Complain("the answer cannot be read");
  answered_ = absl::Now();
  Complain("");
  page.clear_consistency_token();
  if (page_.has_value() && page.digest() == page_->digest()) return;
  page_ = std::move(page);
}

void Watcher::Complain(const std::string& why) {
  if (why == complaint_) return;
  complaint_ = why;
  if (why.empty()) return server::Log(server::LogLevel::kInfo, {}, "the notices are read again");
  server::Log(server::LogLevel::kWarning, {},
              absl::StrCat("the notices cannot be read, and are shown as they were: ", why));
}

void Watcher::Show() {
  const absl::Time now = absl::Now();
  if (now - kept_alive_ >= kAlive) {
    kept_alive_ = now;
    live_->KeepAlive();
  }
  probe_.SetAge(now - answered_);
  if (!page_.has_value()) return;
  Known known{.at = now};
  if (now - answered_ > options_.fresh) known.stale_since = answered_;
  const std::shared_ptr<const Site> before = site();
  known.page = *page_;
  const std::string state = StateOf(known);
  if (before != nullptr && before->state() == state) return;
  auto shown = std::make_shared<const Site>(std::move(known), options_.site);
  {
    absl::MutexLock lock(&mutex_);
    site_ = std::move(shown);
  }
  live_->Tell(state);
}

}  // namespace throughline::edge::notices
