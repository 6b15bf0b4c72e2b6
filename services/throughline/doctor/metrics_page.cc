#include "services/throughline/doctor/metrics_page.h"

#include <algorithm>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "libs/command_line/address.h"

namespace throughline::doctor {
namespace {

constexpr int kUsualPort = 9470;
constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr size_t kMostBytes = 16 << 20;

// `{a="x",b="y"}`, without escapes: our labels have none.
std::map<std::string, std::string> LabelsOf(absl::string_view text) {
  std::map<std::string, std::string> labels;
  for (const absl::string_view one : absl::StrSplit(text, absl::ByString("\","), absl::SkipEmpty())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(one, absl::MaxSplits(absl::ByString("=\""), 1));
    if (parts.size() == 2) labels.emplace(parts[0], absl::StripSuffix(parts[1], "\""));
  }
  return labels;
}

absl::StatusOr<int> Connect(const std::string& address) {
  const auto peer = command_line::ParseHostPort(address, kUsualPort);
  if (!peer.ok()) return peer.status();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(peer->host.c_str(), absl::StrCat(peer->port).c_str(), &hints, &found) != 0) {
    return absl::UnavailableError(absl::StrCat("the name of ", address, " does not resolve"));
  }
  const absl::Cleanup freed = [found] { freeaddrinfo(found); };
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int fd = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);  // of connect, too
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    if (connect(fd, one->ai_addr, one->ai_addrlen) == 0) return fd;
    close(fd);
  }
  return absl::UnavailableError(absl::StrCat("nobody answers at ", address));
}

}  // namespace

MetricsPage::MetricsPage(std::string_view text) {
  for (absl::string_view line : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "#")) continue;
    const size_t space = line.rfind(' ');
    if (space == absl::string_view::npos) continue;
    Sample sample;
    absl::string_view series = line.substr(0, space);
    if (!absl::SimpleAtod(line.substr(space + 1), &sample.value)) continue;
    const size_t brace = series.find('{');
    sample.name = std::string(series.substr(0, brace));
    if (brace != absl::string_view::npos) {
      sample.labels = LabelsOf(absl::StripSuffix(series.substr(brace + 1), "}"));
    }
    samples_.push_back(std::move(sample));
  }
}

std::vector<Sample> MetricsPage::Of(std::string_view name) const {
  std::vector<Sample> found;
  std::copy_if(samples_.begin(), samples_.end(), std::back_inserter(found),
               [&](const Sample& sample) { return sample.name == name; });
  return found;
}

std::optional<double> MetricsPage::Highest(std::string_view name) const {
  std::optional<double> highest;
  for (const Sample& sample : samples_) {
    if (sample.name == name) highest = std::max(highest.value_or(sample.value), sample.value);
  }
  return highest;
}

std::string MetricsPage::Label(std::string_view name, const std::string& label) const {
  for (const Sample& sample : samples_) {
    if (sample.name != name) continue;
    const auto found = sample.labels.find(label);
    return found == sample.labels.end() ? "" : found->second;
  }
  return "";
}

absl::StatusOr<MetricsPage> FetchMetrics(const std::string& address, const std::string& path) {
  const absl::StatusOr<int> fd = Connect(address);
  if (!fd.ok()) return fd.status();
  const absl::Cleanup closed = [&fd] { close(*fd); };
  const std::string request =
      absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ", address, "\r\nConnection: close\r\n\r\n");
  std::string answer;
  if (send(*fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[16 << 10];
    ssize_t count = 0;
    while (answer.size() < kMostBytes && (count = recv(*fd, buffer, sizeof buffer, 0)) > 0) {
      answer.append(buffer, static_cast<size_t>(count));
    }
  }
  const size_t body = answer.find("\r\n\r\n");
  if (body == std::string::npos) return absl::UnavailableError(absl::StrCat(address, " does not answer"));
  if (!absl::StartsWith(answer, "HTTP/1.1 200 ")) {
    return absl::NotFoundError(absl::StrCat(address, path, " answers ", answer.substr(0, answer.find('\r'))));
  }
  return MetricsPage(std::string_view(answer).substr(body + 4));
}

}  // namespace throughline::doctor
