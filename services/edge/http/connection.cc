#include "services/edge/http/connection.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "services/edge/http/incoming.h"

namespace throughline::edge::http {
namespace {

constexpr size_t kPiece = 64 << 10;  // written at a time
constexpr absl::Duration kLinger = absl::Seconds(1);
constexpr size_t kLingerBytes = 4 << 20;
constexpr absl::Duration kLook = absl::Seconds(1);
constexpr absl::Duration kTrusted = absl::Minutes(1);

// Connect's names of codes (services/edge/connect/codes.h), so that its clients understand the server's own refusals.
const char* CodeOf(int status) {
  switch (status) {
    case 401:
      return "unauthenticated";
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
    certificates_ = transport_.PeerCertificates();
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
  if (!Trust().ok()) {
    co_await Answer(401, "certificate", std::string(Trust().message()));
    co_return false;
  }
  Holding holding(*core_);
  if (!holding.Begin()) {
    co_await Answer(503, "requests", "too many requests at the same time: try again in a moment");
    co_return false;
  }
  if (!co_await ReadBody(incoming, holding)) co_return false;
  co_return co_await Handle(incoming);
}

const absl::Status& Connection::Trust() {
  if (certificates_.empty() || Clock::now() < look_at_) return trust_;
  look_at_ = In(kLook);
  const uint64_t generation = core_->tls->Generation();
  if (std::exchange(trusted_of_, generation) == generation && Clock::now() < trusted_until_) return trust_;
  trust_ = core_->tls->CheckClient(certificates_);
  trusted_until_ = In(kTrusted);
  return trust_;
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
