#include "libs/tracing/trace_context.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/random_bytes.h"
#include "libs/crypto/sha256.h"

namespace throughline::tracing {
namespace {

constexpr size_t kTraceId = 32, kSpanId = 16, kHeader = 55;
constexpr size_t kMostState = 512;

bool LowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) { return LowerHex(text) && text.find_first_not_of('0') != std::string_view::npos; }

std::string Hex(std::string_view bytes) { return absl::BytesToHexString({bytes.data(), bytes.size()}); }

}  // namespace

std::optional<TraceContext> TraceContext::Parse(std::string_view text) {
  if (text.size() < kHeader || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const std::string_view version = text.substr(0, 2), flags = text.substr(53, 2);
  if (!LowerHex(version) || !LowerHex(flags) || version == "ff") return std::nullopt;
  if (text.size() > kHeader && (version == "00" || text[kHeader] != '-')) return std::nullopt;
  TraceContext context{std::string(text.substr(3, kTraceId)), std::string(text.substr(36, kSpanId)), false};
  if (!IsId(context.trace_id) || !IsId(context.span_id)) return std::nullopt;
  const char low = flags[1];
  context.sampled = ((low >= 'a' ? low - 'a' + 10 : low - '0') & 1) != 0;
  return context;
}

std::string TraceContext::ToHeader() const {
  return absl::StrCat("00-", trace_id, "-", span_id, sampled ? "-01" : "-00");
}

TraceContext NewTrace(bool sampled) {
  std::string id;
  do id = Hex(crypto::RandomBytes(kTraceId / 2));
  while (!IsId(id));
  return {std::move(id), NewSpanId(), sampled};
}

std::string NewSpanId() {
  std::string id;
  do id = Hex(crypto::RandomBytes(kSpanId / 2));
  while (!IsId(id));
  return id;
}

std::string SpanIdOf(std::string_view text) {
  std::string id = Hex(std::string_view(crypto::Sha256(text)).substr(0, kSpanId / 2));
  if (!IsId(id)) id.back() = '1';
  return id;
}

std::string PassableState(std::string_view state) {
  const bool passes = state.size() <= kMostState &&
                      std::all_of(state.begin(), state.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return passes ? std::string(state) : std::string();
}

}  // namespace throughline::tracing
