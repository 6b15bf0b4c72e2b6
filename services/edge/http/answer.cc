// How a connection has a request handled, and sends the answer.

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "services/edge/http/connection_exchange.h"
#include "services/edge/http/head.h"
#include "services/edge/http/incoming.h"

namespace throughline::edge::http {
namespace {

constexpr size_t kWithHead = 16 << 10;  // a body of up to this size is sent together with its head

bool AnswersWithoutBody(int status) { return status == 204 || status == 304 || status < 200; }

}  // namespace

void Connection::Take(uint64_t exchange, Outgoing outgoing) {
  if (!handling_ || exchange != exchange_) return;
  outbox_.push_back(std::move(outgoing));
  changed_.Notify();
}

void Connection::SetEnded(uint64_t exchange, std::function<void(Exchange::Ended)> ended) {
  if (!handling_ || exchange != exchange_) return ended(Exchange::Ended::kClientGone);
  ended_ = std::move(ended);
  changed_.Notify();
}

void Connection::SetRoute(uint64_t exchange, const char* route) {
  if (handling_ && exchange == exchange_) route_ = route;
}

void Connection::TellEnded(Exchange::Ended how) {
  if (ended_ != nullptr) ended_(how);
}

asio::awaitable<bool> Connection::Handle(Incoming& incoming) {
  const Clock::time_point began = Clock::now();
  core_->probe.RequestBegan();
  ++exchange_;
  handling_ = true;
  begun_ = keep_ = told_draining_ = false;
  status_ = 499;
  route_ = "other";
  trace_ = std::make_unique<RequestTrace>(incoming.request, core_->tracer);
  core_->handler(
      std::make_shared<ConnectionExchange>(worker_, weak_from_this(), exchange_, std::move(incoming.request)));
  bool complete = false, well = true;
  while (well && !complete) {
    if (!outbox_.empty()) {
      Outgoing outgoing = std::move(outbox_.front());
      outbox_.pop_front();
      well = co_await Send(std::move(outgoing), incoming, complete);
    } else if (over_) {
      well = false;
    } else {
      if (core_->draining.load() && !told_draining_ && ended_ != nullptr) {
        told_draining_ = true;
        TellEnded(Exchange::Ended::kDraining);
      }
      co_await changed_.Wait(certificates_.empty() ? Clock::time_point::max() : look_at_);
      well = Trust().ok() || !begun_;  // what is answered at once is still answered
    }
  }
  handling_ = false;
  if (!complete) TellEnded(Exchange::Ended::kClientGone);
  ended_ = nullptr;
  outbox_.clear();
  const absl::Duration took = absl::FromChrono(Clock::now() - began);
  core_->probe.RequestEnded(route_, status_, took);
  trace_->End(route_, status_, took);
  co_return well&& keep_;
}

std::string Connection::Head(const Response& response, const Incoming& incoming, bool keep) const {
  std::string head = absl::StrCat("HTTP/1.1 ", response.status, " ");
  head.append(ReasonPhrase(response.status));
  head.append("\r\n");
  for (const auto& [name, value] : response.headers) {
    // One that cannot be sent is left out: it must not become two.
    if (IsToken(name) && IsFieldValue(value)) absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&head, "x-content-type-options: nosniff\r\ndate: ",
                  absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()), "\r\n");
  if (!keep) head.append("connection: close\r\n");
  if (keep && incoming.http_1_0) head.append("connection: keep-alive\r\n");
  return head;
}

asio::awaitable<bool> Connection::Send(Outgoing outgoing, const Incoming& incoming, bool& over) {
  using Kind = Outgoing::Kind;
  if (outgoing.kind == Kind::kDropped && begun_) co_return false;
  if (outgoing.kind == Kind::kDropped) {
    outgoing.kind = Kind::kAnswer;
    outgoing.response = {.status = 500, .body = R"({"code":"internal","message":"the request was not answered"})"};
    outgoing.response.headers.Add("content-type", "application/json");
  }
  const bool chunked = !incoming.http_1_0;
  const auto chunk = [&](const std::string& part) {
    if (part.empty() || !chunked) return part;
    return absl::StrCat(absl::Hex(part.size()), "\r\n", part, "\r\n");
  };
  switch (outgoing.kind) {
    case Kind::kAnswer: {
      const Response& response = outgoing.response;
      status_ = response.status;
      keep_ = incoming.keep && !core_->draining.load();
      std::string head = Head(response, incoming, keep_);
      if (!AnswersWithoutBody(status_)) absl::StrAppend(&head, "content-length: ", response.body.size(), "\r\n");
      head.append("\r\n");
      const bool body = !AnswersWithoutBody(status_) && incoming.parser.get().method() != beast_http::verb::head;
      if (body && response.body.size() <= kWithHead) head.append(response.body);
      const bool later = body && response.body.size() > kWithHead;
      over = true;
      co_return co_await Write(head) && (!later || co_await Write(response.body));
    }
    case Kind::kBegin: {
      begun_ = true;
      status_ = outgoing.response.status;
      keep_ = incoming.keep && chunked && !core_->draining.load();
      std::string head = Head(outgoing.response, incoming, keep_);
      head.append(chunked ? "transfer-encoding: chunked\r\n\r\n" : "\r\n");
      head.append(chunk(outgoing.response.body));
      co_return co_await Write(head);
    }
    case Kind::kPart: {
      if (!co_await Write(chunk(outgoing.part))) co_return false;
      if (outgoing.sent != nullptr) outgoing.sent();
      co_return true;
    }
    case Kind::kEnd: {
      over = true;
      co_return co_await Write(absl::StrCat(chunk(outgoing.part), chunked ? "0\r\n\r\n" : ""));
    }
    case Kind::kDropped:
      break;
  }
  co_return false;
}

}  // namespace throughline::edge::http
