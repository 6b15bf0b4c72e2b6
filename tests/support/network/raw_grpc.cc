#include "tests/support/network/raw_grpc.h"

#include <algorithm>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "tests/support/network/loopback.h"

namespace throughline::testing {
namespace {

// RFC 9113, section 6.
enum FrameType : char { kData = 0, kHeaders = 1, kResetStream = 3, kSettings = 4, kGoAway = 7 };
constexpr char kEndStream = 1;
constexpr char kEndHeaders = 4;
constexpr size_t kMaxFrame = 16'384;

std::string BigEndian(size_t number, int bytes) {
  std::string text;
  while (bytes-- > 0) text += static_cast<char>(number >> (8 * bytes));
  return text;
}

std::string Frame(FrameType type, char flags, size_t stream, std::string_view payload) {
  std::string frame = BigEndian(payload.size(), 3);
  frame += static_cast<char>(type);
  frame += flags;
  return frame.append(BigEndian(stream, 4)).append(payload);
}

// RFC 7541: a literal without indexing. Texts shorter than 127 bytes.
std::string Header(std::string_view name, std::string_view value) {
  std::string header(1, '\0');
  header.append(BigEndian(name.size(), 1)).append(name);
  return header.append(BigEndian(value.size(), 1)).append(value);
}

}  // namespace

absl::StatusOr<RawGrpc> RawGrpc::To(const std::string& address) {
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) {
    return absl::InvalidArgumentError(absl::StrCat("no port in ", address));
  }
  RawGrpc call(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in peer = Loopback(port);
  if (call.fd_ < 0 || connect(call.fd_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
    return absl::UnavailableError(absl::StrCat("nobody takes a connection at ", address));
  }
  return call;
}

RawGrpc::~RawGrpc() {
  if (fd_ >= 0) close(fd_);
}

bool RawGrpc::Write(std::string_view bytes) {
  return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

bool RawGrpc::Greet() { return Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, "")); }

bool RawGrpc::Send(std::string_view path, std::string_view encoding, std::string_view message) {
  std::string headers = Header(":method", "POST") + Header(":scheme", "http") + Header(":path", path) +
                        Header(":authority", "test") + Header("te", "trailers") +
                        Header("content-type", "application/grpc");
  if (!encoding.empty()) headers += Header("grpc-encoding", encoding);
  std::string bytes = Frame(kHeaders, kEndHeaders, 1, headers);
  std::string data(1, encoding.empty() ? '\0' : '\1');
  data.append(BigEndian(message.size(), 4)).append(message);
  for (std::string_view rest = data; !rest.empty();) {
    const std::string_view part = rest.substr(0, kMaxFrame);
    rest.remove_prefix(part.size());
    bytes += Frame(kData, rest.empty() ? kEndStream : 0, 1, part);
  }
  return Write(bytes);
}

std::string RawGrpc::Answer() {
  std::string all;
  size_t frame = 0;  // start of the incomplete frame
  pollfd end{fd_, POLLIN, 0};
  while (poll(&end, 1, 5000) > 0) {
    char buffer[4096];
    const ssize_t n = read(fd_, buffer, sizeof buffer);
    if (n <= 0) break;
    all.append(buffer, static_cast<size_t>(n));
    while (all.size() >= frame + 9) {
      const auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<unsigned char>(all[frame + at])); };
      const size_t length = byte(0) << 16 | byte(1) << 8 | byte(2);
      if (all.size() < frame + 9 + length) break;
      const char type = all[frame + 3];
      const bool last = (type == kHeaders || type == kData) && (all[frame + 4] & kEndStream) != 0;
      if (last || type == kResetStream || type == kGoAway) return all;
      frame += 9 + length;
    }
  }
  return all;
}

bool RawGrpc::EndsWithin(int seconds) {
  pollfd end{fd_, POLLIN, 0};
  while (poll(&end, 1, seconds * 1000) > 0) {
    char buffer[4096];
    if (read(fd_, buffer, sizeof buffer) <= 0) return true;
  }
  return false;
}

std::string GzipOfZeros(size_t bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);  // 16: gzip header
  std::string zeros(1 << 20, '\0'), packed;
  char buffer[1 << 16];
  while (bytes > 0) {
    const size_t now = std::min(bytes, zeros.size());
    bytes -= now;
    stream.next_in = reinterpret_cast<unsigned char*>(zeros.data());
    stream.avail_in = static_cast<unsigned>(now);
    do {
      stream.next_out = reinterpret_cast<unsigned char*>(buffer);
      stream.avail_out = sizeof buffer;
      deflate(&stream, bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
      packed.append(buffer, sizeof buffer - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return packed;
}

}  // namespace throughline::testing
