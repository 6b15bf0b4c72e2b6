#include "services/edge/connect/gzip.h"

#include <algorithm>
#include <cstdlib>
#include <zlib.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace throughline::edge::connect {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to say gzip
constexpr size_t kPiece = 16 << 10;

// Bytes that zlib only reads.
Bytef* In(std::string_view bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); }

}  // namespace

std::string Compress(std::string_view bytes) {
  z_stream stream{};
  // Fast: an answer waits for it. It fails only without memory.
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = In(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

absl::StatusOr<std::string> Decompress(std::string_view bytes, size_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) std::abort();
  const absl::Cleanup end = [&] { inflateEnd(&stream); };
  stream.next_in = In(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK) {
    const size_t before = out.size();
    out.resize(before + std::min(kPiece, most + 1 - before));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(out.size() - before);
    result = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > most) {
      return absl::ResourceExhaustedError(absl::StrCat("the message has more than ", most, " bytes when decompressed"));
    }
  }
  if (result != Z_STREAM_END || stream.avail_in != 0) {
    return absl::InvalidArgumentError("the compressed message is not gzip, or not whole");
  }
  return out;
}

}  // namespace throughline::edge::connect
