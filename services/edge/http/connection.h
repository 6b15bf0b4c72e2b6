#pragma once

// One client's connection: reads a request, has it handled, writes the answer, and so on. Internal to this folder.
//
// Two coroutines: Receive reads all the time, so that the end of a connection is noticed whatever it does at the
// moment, into a buffer that Serve takes from. One thread: its worker's.

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"

#include "services/edge/http/core.h"
#include "services/edge/http/exchange.h"
#include "services/edge/http/request_trace.h"
#include "services/edge/http/transport.h"

namespace throughline::edge::http {

// What a handler wants sent.
struct Outgoing {
  enum class Kind { kAnswer, kBegin, kPart, kEnd, kDropped };
  Kind kind;
  Response response = {};
  std::string part = {};
  std::function<void()> sent = nullptr;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Core> core, std::shared_ptr<Worker> worker, asio::ip::tcp::socket socket,
             std::shared_ptr<asio::ssl::context> tls);
  ~Connection();

  void Start();
  // Tells the client that there are too many connections, and closes.
  void StartRefusal();
  void Drain() { changed_.Notify(); }
  void Abort();

  // Of the exchange with that number; ignored if it is over.
  void Take(uint64_t exchange, Outgoing outgoing);
  void SetEnded(uint64_t exchange, std::function<void(Exchange::Ended)> ended);
  void SetRoute(uint64_t exchange, const char* route);

 private:
  struct Incoming;
  // A request's place among those under way, and its body's bytes.
  class Holding;

  asio::awaitable<void> Receive();
  asio::awaitable<void> Serve();
  // False: the connection is to be closed.
  asio::awaitable<bool> ServeOne();
  // Whether the certificate that the client has shown, if any, still counts. Looks once a second whether others are
  // trusted, and once a minute whether it has expired.
  const absl::Status& Trust();
  // False: there is no request; a refusal was written.
  asio::awaitable<bool> ReadHead(Incoming& incoming);
  asio::awaitable<bool> ParseHead(Incoming& incoming, size_t bytes);
  asio::awaitable<bool> ReadBody(Incoming& incoming, Holding& holding);
  // False: the connection is to be closed.
  asio::awaitable<bool> Handle(Incoming& incoming);
  asio::awaitable<bool> Send(Outgoing outgoing, const Incoming& incoming, bool& over);
  asio::awaitable<bool> Write(std::string_view bytes);
  // Writes an answer of the server's own, after which the connection is closed. `reason`: for the metrics.
  asio::awaitable<void> Answer(int status, const char* reason, std::string message);
  // Reads on for a moment, so that the answer is not lost to a reset.
  asio::awaitable<void> Linger();
  // False: no more than `have` bytes came until then.
  asio::awaitable<bool> MoreThan(size_t have, Clock::time_point until);
  void Consume(size_t bytes);
  void TellEnded(Exchange::Ended how);
  std::string Head(const Response& response, const Incoming& incoming, bool keep) const;

  const std::shared_ptr<Core> core_;
  const std::shared_ptr<Worker> worker_;
  Transport transport_;
  Event changed_;  // for Serve
  Event room_;     // for Receive
  std::array<char, 4096> chunk_;
  std::string received_;
  bool over_ = false;     // nothing more comes
  bool aborted_ = false;  // the server has closed it
  int64_t served_ = 0;
  bool lingers_ = true;
  std::string certificates_;  // Transport::PeerCertificates
  absl::Status trust_;
  uint64_t trusted_of_ = 0;          // TlsContext::Generation
  Clock::time_point look_at_;        // the generation
  Clock::time_point trusted_until_;  // it is checked again in any case

  uint64_t exchange_ = 0;  // the number of the present one
  bool handling_ = false;
  std::deque<Outgoing> outbox_;
  std::function<void(Exchange::Ended)> ended_;
  bool told_draining_ = false;
  bool begun_ = false;  // an answer in parts
  bool keep_ = false;   // the connection, after the present answer
  int status_ = 0;
  const char* route_ = "other";
  std::unique_ptr<RequestTrace> trace_;  // of the present request
};

}  // namespace throughline::edge::http
