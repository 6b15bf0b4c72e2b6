#include "services/edge/http/connection.h"

#include <algorithm>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "services/edge/http/head.h"

namespace throughline::edge::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr size_t kMaxReceived = 64 << 10;  // buffered before Serve takes it
constexpr size_t kPiece = 64 << 10;        // written at a time
constexpr absl::Duration kLinger = absl::Seconds(1);
constexpr size_t kLingerBytes = 4 << 20;

// Connect's names of codes (services/edge/connect/codes.h), so that its clients understand the server's own refusals.
const char* CodeOf(int status) {
  switch (status) {
    case 408:
      return "deadline_exceeded";
    case 413:
    case 431:
      return "resource_exhausted";
    case 500:
      return "internal";
    case 503:
      return "unavailable";
    default:
      return "invalid_argument";
  }
}

bool AnswersWithoutBody(int status) { return status == 204 || status == 304 || status < 200; }

}  // namespace

struct Connection::Incoming {
  beast_http::request_parser<beast_http::buffer_body> parser;
  Request request;
  bool http_1_0 = false;
  bool keep = false;
};

class Connection::Holding {
 public:
  explicit Holding(Core& core) : core_(core) {}
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;
  ~Holding() {
    if (begun_) core_.requests.fetch_sub(1);
    core_.bodies_bytes.fetch_sub(bytes_);
  }
  bool Begin() {
    begun_ = true;
    return core_.requests.fetch_add(1) < core_.limits.requests;
  }
  bool Grow(size_t bytes) {
    bytes_ += bytes;
    return core_.bodies_bytes.fetch_add(bytes) + bytes <= core_.limits.bodies_bytes;
  }

 private:
  Core& core_;
  bool begun_ = false;
  size_t bytes_ = 0;
};

namespace {

// Hands everything over to the connection's thread.
class ConnectionExchange final : public Exchange {
 public:
  ConnectionExchange(std::shared_ptr<Worker> worker, std::weak_ptr<Connection> connection, uint64_t number,
                     Request request)
      : worker_(std::move(worker)), connection_(std::move(connection)), number_(number), request_(std::move(request)) {}
  ~ConnectionExchange() override {
    if (!complete_) Post({.kind = Outgoing::Kind::kDropped});
  }

  const Request& request() const override { return request_; }
  void SetRoute(const char* route) override {
    worker_->Post([connection = connection_, number = number_, route] {
      if (const auto there = connection.lock()) there->SetRoute(number, route);
    });
  }
  void Answer(Response response) override {
    complete_ = true;
    Post({.kind = Outgoing::Kind::kAnswer, .response = std::move(response)});
  }
  void Begin(Response head) override { Post({.kind = Outgoing::Kind::kBegin, .response = std::move(head)}); }
  void Send(std::string part, std::function<void()> sent) override {
    Post({.kind = Outgoing::Kind::kPart, .part = std::move(part), .sent = std::move(sent)});
  }
  void End(std::string last_part) override {
    complete_ = true;
    Post({.kind = Outgoing::Kind::kEnd, .part = std::move(last_part)});
  }
  void OnEnded(std::function<void(Ended)> ended) override {
    const bool posted = worker_->Post([connection = connection_, number = number_, ended] {
      if (const auto there = connection.lock()) return there->SetEnded(number, ended);
      ended(Ended::kClientGone);
    });
    if (!posted) ended(Ended::kClientGone);
  }

 private:
  void Post(Outgoing outgoing) {
    worker_->Post([connection = connection_, number = number_, outgoing = std::move(outgoing)]() mutable {
      if (const auto there = connection.lock()) there->Take(number, std::move(outgoing));
    });
  }

  const std::shared_ptr<Worker> worker_;
  const std::weak_ptr<Connection> connection_;
  const uint64_t number_;
  const Request request_;
  bool complete_ = false;
};

}  // namespace

Connection::Connection(std::shared_ptr<Core> core, std::shared_ptr<Worker> worker, asio::ip::tcp::socket socket,
                       std::shared_ptr<asio::ssl::context> tls)
    : core_(std::move(core)),
      worker_(std::move(worker)),
      transport_(std::move(socket), std::move(tls)),
      changed_(worker_->io.get_executor()),
      room_(worker_->io.get_executor()) {
  worker_->connections.insert(this);
}

Connection::~Connection() { worker_->connections.erase(this); }

void Connection::Start() {
  core_->probe.Connected();
  // The coroutines own the connection.
  asio::co_spawn(
      worker_->io,
      [self = shared_from_this()]() -> asio::awaitable<void> {
        co_await self->Serve();
        self->transport_.Close();
        self->aborted_ = true;
        self->room_.Notify();
        self->core_->probe.Disconnected();
        self->core_->Leave();
      },
      asio::detached);
}

void Connection::Abort() {
  aborted_ = true;
  over_ = true;
  transport_.Close();
  changed_.Notify();
  room_.Notify();
}

asio::awaitable<void> Connection::Receive() {
  while (!aborted_) {
    if (received_.size() >= kMaxReceived) {
      co_await room_.Wait(Clock::time_point::max());
      continue;
    }
    const auto [error, bytes] = co_await transport_.Read(asio::buffer(chunk_));
    received_.append(chunk_.data(), bytes);
    core_->probe.Received(bytes);
    if (error) break;
    changed_.Notify();
  }
  over_ = true;
  changed_.Notify();
}

void Connection::Consume(size_t bytes) {
  received_.erase(0, bytes);
  if (received_.empty() && received_.capacity() > sizeof(chunk_)) received_.shrink_to_fit();
  room_.Notify();
}

asio::awaitable<void> Connection::Serve() {
  if (core_->draining.load()) co_return;
  if (transport_.encrypted()) {
    if (co_await transport_.Handshake(In(core_->limits.handshake_time))) {
      core_->probe.Refused("handshake");
      co_return;
    }
  }
  asio::co_spawn(
      worker_->io, [self = shared_from_this()] { return self->Receive(); }, asio::detached);
  while (co_await ServeOne()) {
    ++served_;
    lingers_ = true;
  }
  if (!over_ && lingers_) co_await Linger();
  if (!over_ && !lingers_) co_await transport_.Finish(In(kLinger));
}

asio::awaitable<bool> Connection::ServeOne() {
  Incoming incoming;
  if (!co_await ReadHead(incoming)) co_return false;
  Holding holding(*core_);
  if (!holding.Begin()) {
    co_await Answer(503, "requests", "too many requests at the same time: try again in a moment");
    co_return false;
  }
  if (!co_await ReadBody(incoming, holding)) co_return false;
  co_return co_await Handle(incoming);
}

asio::awaitable<bool> Connection::ReadHead(Incoming& incoming) {
  const Limits& limits = core_->limits;
  Clock::time_point until = In(served_ == 0 ? limits.head_time : limits.idle_time);
  bool begun = false, skipped = false;
  for (bool in_time = true;; in_time = co_await changed_.Wait(until)) {
    // An empty line before a request is allowed (RFC 9112, 2.2).
    if (!skipped && received_.size() >= 2 && received_.compare(0, 2, "\r\n") == 0) {
      skipped = true;
      Consume(2);
    }
    const HeadScan scan = ScanHead({received_.data(), std::min(received_.size(), limits.head_bytes)});
    if (scan.state == HeadScan::State::kBad) {
      co_await Answer(400, "malformed", absl::StrCat("the request is malformed: ", scan.why));
      co_return false;
    }
    if (scan.state == HeadScan::State::kComplete) co_return co_await ParseHead(incoming, scan.bytes);
    if (received_.size() >= limits.head_bytes) {
      co_await Answer(431, "head_size",
                      absl::StrCat("the request line and headers have more than ", limits.head_bytes, " bytes"));
      co_return false;
    }
    lingers_ = begun;  // a silent client gets no answer that could be lost
    if (over_ || (received_.empty() && core_->draining.load())) co_return false;
    if (!in_time) {
      if (begun) co_await Answer(408, "head_time", "the request's head did not arrive in time");
      co_return false;
    }
    if (!begun && !received_.empty()) {
      begun = true;
      until = In(limits.head_time);
    }
  }
}

asio::awaitable<bool> Connection::ParseHead(Incoming& incoming, size_t bytes) {
  auto& parser = incoming.parser;
  parser.header_limit(static_cast<uint32_t>(core_->limits.head_bytes));
  parser.body_limit(core_->limits.body_bytes);
  ErrorCode error;
  parser.put(asio::buffer(received_.data(), bytes), error);
  if (error == beast_http::error::body_limit) {
    co_await Answer(413, "body_size", absl::StrCat("the body has more than ", core_->limits.body_bytes, " bytes"));
    co_return false;
  }
  // A length that a 64-bit number does not hold is found by the parser.
  if (error || !parser.is_header_done()) {
    co_await Answer(400, "malformed", absl::StrCat("the request is malformed: ", error.message()));
    co_return false;
  }
  Consume(bytes);
  const auto& message = parser.get();
  Request& request = incoming.request;
  for (const auto& field : message) {
    request.headers.Add(std::string(field.name_string()), std::string(field.value()));
  }
  incoming.http_1_0 = message.version() == 10;
  const char* wrong = CheckFraming(request.headers, incoming.http_1_0);
  request.method = std::string(message.method_string());
  std::string_view target(message.target().data(), message.target().size());
  // The absolute form, which a client uses with a proxy (RFC 9112, 3.2.2).
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.substr(0, scheme.size()) == scheme) {
      target.remove_prefix(std::min(target.find('/', scheme.size()), target.size()));
      if (target.empty()) target = "/";
    }
  }
  if (wrong == nullptr && target.front() != '/') wrong = "a target that is not a path";
  if (wrong != nullptr) {
    co_await Answer(400, "malformed", absl::StrCat("the request is malformed: ", wrong));
    co_return false;
  }
  const size_t mark = std::min(target.find('?'), target.size());
  request.path = std::string(target.substr(0, mark));
  request.query = std::string(target.substr(std::min(mark + 1, target.size())));
  incoming.keep = message.keep_alive();
  co_return true;
}

asio::awaitable<bool> Connection::ReadBody(Incoming& incoming, Holding& holding) {
  auto& parser = incoming.parser;
  std::string& body = incoming.request.body;
  if (const std::string* expect = incoming.request.headers.Find("expect"); expect != nullptr && !parser.is_done()) {
    if (!absl::EqualsIgnoreCase(*expect, "100-continue")) {
      co_await Answer(417, "malformed", "the only expectation that is met here is 100-continue");
      co_return false;
    }
    if (received_.empty() && !co_await Write("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
  }
  const Clock::time_point until = In(core_->limits.body_time);
  parser.eager(true);
  std::unique_ptr<std::array<char, 16384>> buffer;
  size_t seen = 0;  // received, but too little for the parser: the beginning of a chunk's size
  while (!parser.is_done()) {
    if (received_.size() <= seen && !co_await MoreThan(seen, until)) {
      if (!over_) co_await Answer(408, "body_time", "the request's body did not arrive in time");
      co_return false;
    }
    if (buffer == nullptr) buffer = std::make_unique<std::array<char, 16384>>();
    auto& into = parser.get().body();
    into.data = buffer->data();
    into.size = buffer->size();
    into.more = true;
    ErrorCode error;
    const size_t used = parser.put(asio::buffer(received_), error);
    const size_t got = buffer->size() - into.size;
    body.append(buffer->data(), got);
    Consume(used);
    seen = error == beast_http::error::need_more ? received_.size() : 0;
    if (seen >= kMaxReceived) {
      co_await Answer(400, "malformed", "the body is malformed: a chunk's size is too long");
      co_return false;
    }
    if (error == beast_http::error::body_limit) {
      co_await Answer(413, "body_size", absl::StrCat("the body has more than ", core_->limits.body_bytes, " bytes"));
      co_return false;
    }
    if (error && error != beast_http::error::need_more && error != beast_http::error::need_buffer) {
      co_await Answer(400, "malformed", absl::StrCat("the body is malformed: ", error.message()));
      co_return false;
    }
    if (!holding.Grow(got)) {
      co_await Answer(503, "bodies", "too many large requests at the same time: try again in a moment");
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<bool> Connection::MoreThan(size_t have, Clock::time_point until) {
  for (bool in_time = true; received_.size() <= have && !over_ && in_time;) in_time = co_await changed_.Wait(until);
  co_return received_.size() > have;
}

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
      co_await changed_.Wait(Clock::time_point::max());
    }
  }
  handling_ = false;
  if (!complete) TellEnded(Exchange::Ended::kClientGone);
  ended_ = nullptr;
  outbox_.clear();
  core_->probe.RequestEnded(route_, status_, absl::FromChrono(Clock::now() - began));
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
      if (body && response.body.size() <= kPiece / 4) head.append(response.body);
      const bool later = body && response.body.size() > kPiece / 4;
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

asio::awaitable<bool> Connection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    if (co_await transport_.Write(piece, In(core_->limits.write_time))) co_return false;
    core_->probe.Sent(piece.size());
    bytes.remove_prefix(piece.size());
  }
  co_return true;
}

asio::awaitable<void> Connection::Answer(int status, const char* reason, std::string message) {
  core_->probe.Refused(reason);
  const std::string body = absl::StrCat("{\"code\":\"", CodeOf(status), "\",\"message\":\"", message, "\"}");
  std::string answer = absl::StrCat("HTTP/1.1 ", status, " ");
  answer.append(ReasonPhrase(status));
  absl::StrAppend(&answer, "\r\ncontent-type: application/json\r\ncontent-length: ", body.size(),
                  "\r\nconnection: close\r\n", status == 503 ? "retry-after: 1\r\n" : "", "\r\n", body);
  co_await Write(answer);
}

asio::awaitable<void> Connection::Linger() {
  const Clock::time_point until = In(kLinger);
  co_await transport_.Finish(until);
  size_t discarded = 0;
  do {
    discarded += received_.size();
    Consume(received_.size());
  } while (!over_ && discarded < kLingerBytes && co_await changed_.Wait(until));
}

void Connection::StartRefusal() {
  asio::co_spawn(
      worker_->io,
      [self = shared_from_this()]() -> asio::awaitable<void> {
        asio::co_spawn(
            self->worker_->io, [self] { return self->Receive(); }, asio::detached);
        co_await self->Answer(503, "connections", "too many connections: try again in a moment");
        co_await self->Linger();
        self->Abort();
        self->core_->refusals.fetch_sub(1);
      },
      asio::detached);
}

}  // namespace throughline::edge::http
