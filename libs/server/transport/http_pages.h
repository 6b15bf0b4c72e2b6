#pragma once

// A few generated pages over HTTP/1.1, plain or with TLS, for Prometheus and for probes: GET and HEAD. (Debian's
// civetweb has no IPv6, and blocks a thread per client.)
//
//   HttpPages pages(*std::move(sockets), {{"/metrics", [] { return HttpPage{.body = Metrics()}; }}});
//
// Limits the number of connections, the size of a request, and the times for a request and an answer. At the connection
// limit, the oldest connection is closed, first of those without a request: clients that are silent, or do not read
// their answer, keep nobody out. Has a thread ("operations"), which also makes the pages: a page is quick, and waits
// for nobody.

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "libs/server/transport/listen.h"
#include "libs/server/transport/tls_files.h"

struct ssl_st;

namespace throughline::server {

struct HttpPage {
  int status = 200;  // or 503
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

class HttpPages {
 public:
  using Pages = std::map<std::string, std::function<HttpPage()>>;  // by path
  struct Security {
    // What a connection is encrypted with, for each one anew; null: nothing.
    std::function<TlsContext()> tls;
    // Whether the page may be shown to who sends this bearer token (empty: none). Null: to everybody.
    std::function<bool(const std::string& path, std::string_view bearer)> may_see;
  };
  struct Limits {
    size_t connections = 64;
    size_t request_bytes = 8 << 10;
    std::chrono::milliseconds request_time{5'000};
    std::chrono::milliseconds answer_time{30'000};
  };

  HttpPages(ListenSockets sockets, Pages pages) : HttpPages(std::move(sockets), std::move(pages), Limits()) {}
  HttpPages(ListenSockets sockets, Pages pages, Limits limits)
      : HttpPages(std::move(sockets), std::move(pages), limits, {}) {}
  HttpPages(ListenSockets sockets, Pages pages, Limits limits, Security security);
  ~HttpPages();

  int port() const { return sockets_.port(); }

 private:
  struct Connection {
    int fd;
    std::chrono::steady_clock::time_point until;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls;
    std::string request;
    std::string answer;  // empty until the request has come
    size_t sent = 0;
    short waits_for = 0;  // POLLIN or POLLOUT, if TLS needs another than the request or answer does
  };

  void Run();
  // False: descriptors have run out.
  bool TakeAll(int listening);
  void MakeRoom();
  void Close(Connection& connection) const;
  // False: the connection is over.
  bool Read(Connection& connection);
  bool Write(Connection& connection) const;
  std::string Answer(const std::string& request) const;

  const ListenSockets sockets_;
  const Pages pages_;
  const Limits limits_;
  const Security security_;
  std::list<Connection> connections_;  // oldest first
  int end_;                            // an eventfd
  std::thread thread_;
};

}  // namespace throughline::server
