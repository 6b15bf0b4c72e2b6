#pragma once

// An HTTP client that sends what it is told, byte for byte, and reads what comes. Waits at most ten seconds for
// anything. One thread.
//
//   Peer peer(port);
//   peer.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
//   Peer::Answer answer = peer.Read();

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace throughline::edge::testing {

struct CertificateFiles {
  std::string certificate, key;
};

class Peer {
 public:
  struct Answer {
    int status = 0;                                   // 0: the connection ended before an answer
    std::multimap<std::string, std::string> headers;  // names in lower case
    std::string body;                                 // without chunks
    std::string header(const std::string& name) const;
  };

  // `tls`: with TLS, without a look at the certificate.
  explicit Peer(int port, bool tls = false);
  // Likewise, and shows a certificate of its own.
  Peer(int port, const CertificateFiles& shown);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool connected() const { return fd_ >= 0; }
  // False: the server takes nothing more.
  bool Send(std::string_view bytes);
  // One whole answer; `head`: of a HEAD request.
  Answer Read(bool head = false);
  // One chunk of a body, or what came of it. The head has been read by ReadHead.
  Answer ReadHead();
  std::string ReadChunk();
  // Whether the server has closed the connection; waits for it.
  bool Closed();
  void Close();
  // Nothing more comes from here; answers are still read.
  void EndSending();
  // What the server's certificate is issued to.
  std::string certificate() const;

 private:
  struct Tls;
  void Connect(int port);
  void Handshake();
  // False: the end of the connection, or nothing for ten seconds.
  bool Fill();
  std::string TakeLine();
  std::string Take(size_t bytes);

  int fd_ = -1;
  std::unique_ptr<Tls> tls_;
  std::string received_;
  bool timed_out_ = false;
};

// A self-signed certificate for tests, issued to `name`, and its key, as files in `directory`.
CertificateFiles WriteCertificate(const std::string& directory, const std::string& name);

}  // namespace throughline::edge::testing
