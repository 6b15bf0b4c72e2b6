#include "services/edge/notices/live.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "services/edge/http/message.h"

namespace throughline::edge::notices {
namespace {

// What the page knows: of an earlier stream, or as it was loaded.
std::string KnownState(const http::Request& request) {
  if (const std::string* last = request.headers.Find("last-event-id"); last != nullptr) return *last;
  const auto pairs = http::ParseQuery(request.query);
  if (!pairs.has_value()) return "";
  for (const auto& [name, value] : *pairs) {
    if (name == "state") return value;
  }
  return "";
}

http::Headers StreamHeaders() {
  http::Headers headers;
  headers.Add("content-type", "text/event-stream");
  headers.Add("cache-control", "no-store");
  headers.Add("access-control-allow-origin", "*");
  headers.Add("x-accel-buffering", "no");  // of nginx
  return headers;
}

}  // namespace

void Live::Begin(std::shared_ptr<http::Exchange> exchange, const std::string& state) {
  if (exchange->request().method == "HEAD") return exchange->Answer({.status = 200, .headers = StreamHeaders()});
  int64_t number = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (readers_.size() < static_cast<size_t>(most_)) {
      number = ++last_number_;
      readers_[number] = {.exchange = exchange, .told = KnownState(exchange->request())};
      open_.Set(static_cast<double>(readers_.size()));
      if (state_.empty()) state_ = state;
    }
  }
  if (number == 0) {
    http::Response busy{.status = 503, .body = "too many pages: ask again now and then"};
    busy.headers.Add("retry-after", "60");
    busy.headers.Add("content-type", "text/plain");
    return exchange->Answer(std::move(busy));
  }
  exchange->OnEnded([live = weak_from_this(), number](http::Exchange::Ended how) {
    if (const auto there = live.lock()) there->Ended(number, how);
  });
  // A browser that loses the stream comes back after so many milliseconds.
  exchange->Begin({.status = 200, .headers = StreamHeaders(), .body = "retry: 3000\n\n"});
  Sent(number);
}

void Live::Send(int64_t number, Reader& reader, std::string part) {
  reader.sending = true;
  reader.exchange->Send(std::move(part), [live = weak_from_this(), number] {
    if (const auto there = live.lock()) there->Sent(number);
  });
}

void Live::Tell(int64_t number, Reader& reader) {
  if (reader.sending || reader.told == state_) return;
  reader.told = state_;
  Send(number, reader, absl::StrCat("id: ", state_, "\nevent: change\ndata: ", state_, "\n\n"));
}

void Live::Sent(int64_t number) {
  absl::MutexLock lock(&mutex_);
  const auto found = readers_.find(number);
  if (found == readers_.end()) return;
  found->second.sending = false;
  Tell(number, found->second);
}

void Live::Tell(const std::string& state) {
  absl::MutexLock lock(&mutex_);
  state_ = state;
  for (auto& [number, reader] : readers_) Tell(number, reader);
}

void Live::KeepAlive() {
  absl::MutexLock lock(&mutex_);
  for (auto& [number, reader] : readers_) {
    if (!reader.sending) Send(number, reader, ":\n\n");
  }
}

void Live::Ended(int64_t number, http::Exchange::Ended how) {
  std::shared_ptr<http::Exchange> exchange;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = readers_.find(number);
    if (found == readers_.end()) return;
    exchange = std::move(found->second.exchange);
    readers_.erase(found);
    open_.Set(static_cast<double>(readers_.size()));
  }
  if (how == http::Exchange::Ended::kDraining) exchange->End("");
}

}  // namespace throughline::edge::notices
