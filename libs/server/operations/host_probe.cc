#include "libs/server/operations/host_probe.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

#include "absl/time/clock.h"

#include "libs/server/transport/tls_files.h"

namespace throughline::server {
namespace {

constexpr absl::Duration kEvery = absl::Seconds(1), kCertificatesEvery = absl::Minutes(1);

prometheus::Family<prometheus::Gauge>& Gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
prometheus::Gauge& GaugeOf(prometheus::Registry& registry, const char* name, const char* help) {
  return Gauges(registry, name, help).Add({});
}

// proc(5), /proc/self/stat.
struct Stat {
  int64_t threads = 0;
  double started = 0;  // seconds after the machine's boot
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

Stat ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string all{std::istreambuf_iterator<char>(file), {}};
  // The program's name, in parentheses, may hold anything.
  std::istringstream rest(all.substr(std::min(all.size(), all.rfind(')') + 1)));
  std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  const auto number = [&](size_t field) {  // as proc(5) counts them; the state is the third
    return field - 3 < fields.size() ? std::strtod(fields[field - 3].c_str(), nullptr) : 0.0;
  };
  return {.threads = static_cast<int64_t>(number(20)),
          .started = number(22) / static_cast<double>(sysconf(_SC_CLK_TCK)),
          .virtual_bytes = number(23),
          .resident_bytes = number(24) * static_cast<double>(sysconf(_SC_PAGESIZE))};
}

double BootTime() {
  timespec now{}, since_boot{};
  clock_gettime(CLOCK_REALTIME, &now);
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return static_cast<double>(now.tv_sec - since_boot.tv_sec) +
         static_cast<double>(now.tv_nsec - since_boot.tv_nsec) / 1e9;
}

double ProcessorSeconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double OpenDescriptors() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  return std::max(count - 1, 0.0);  // without the one that reads the directory
}

double DescriptorLimit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

}  // namespace

std::optional<DiskRoom> RoomOn(const std::string& path) {
  struct statvfs stat {};
  if (statvfs(path.c_str(), &stat) != 0) return std::nullopt;
  const auto block = static_cast<double>(stat.f_frsize);
  return DiskRoom{static_cast<double>(stat.f_bavail) * block, static_cast<double>(stat.f_blocks) * block};
}

HostProbe::HostProbe(prometheus::Registry& registry, const std::vector<Directory>& directories,
                     const std::optional<TlsOptions>& tls)
    : cpu_(prometheus::BuildCounter()
               .Name("process_cpu_seconds_total")
               .Help("Time of processors that the process has used.")
               .Register(registry)
               .Add({})),
      memory_(GaugeOf(registry, "process_resident_memory_bytes", "Memory of the process that is in RAM.")),
      virtual_memory_(GaugeOf(registry, "process_virtual_memory_bytes", "Address space of the process.")),
      threads_(GaugeOf(registry, "process_threads", "Threads of the process.")),
      open_fds_(GaugeOf(registry, "process_open_fds", "Descriptors that the process has open.")),
      max_fds_(GaugeOf(registry, "process_max_fds", "Descriptors that the process may have open.")) {
  GaugeOf(registry, "process_start_time_seconds", "When the process was started, as Unix time.")
      .Set(BootTime() + ReadStat().started);
  auto& free = Gauges(registry, "throughline_disk_free_bytes", "Room that is left on the disk of a directory.");
  auto& size = Gauges(registry, "throughline_disk_size_bytes", "Size of the disk of a directory.");
  for (const Directory& directory : directories) {
    if (directory.path.empty()) continue;
    const prometheus::Labels labels = {{"directory", directory.label}};
    disks_.push_back({directory.path, &free.Add(labels), &size.Add(labels)});
  }
  if (tls) {
    auto& expiry =
        Gauges(registry, "throughline_certificate_expiry_timestamp_seconds",
               "When the first of the certificates in a file expires, as Unix time; 0: the file cannot be read.");
    for (const auto& [label, file] :
         {std::pair("server", tls->certificate_file), std::pair("client_ca", tls->client_ca_file)}) {
      if (!file.empty()) certificates_.push_back({file, &expiry.Add({{"certificate", label}})});
    }
  }
  Update(absl::Now());
}

void HostProbe::Update(absl::Time now) {
  if (now - looked_ < kEvery && now >= looked_) return;
  looked_ = now;
  LookAtProcess();
  LookAtDisks();
  if (now - looked_at_certificates_ < kCertificatesEvery && now >= looked_at_certificates_) return;
  looked_at_certificates_ = now;
  LookAtCertificates();
}

void HostProbe::LookAtProcess() {
  cpu_.Increment(std::max(ProcessorSeconds() - cpu_.Value(), 0.0));
  const Stat stat = ReadStat();
  memory_.Set(stat.resident_bytes);
  virtual_memory_.Set(stat.virtual_bytes);
  threads_.Set(static_cast<double>(stat.threads));
  open_fds_.Set(OpenDescriptors());
  max_fds_.Set(DescriptorLimit());
}

void HostProbe::LookAtDisks() {
  for (const Disk& disk : disks_) {
    const std::optional<DiskRoom> room = RoomOn(disk.path);
    if (!room) continue;  // a directory that is not there says so in other places
    disk.free->Set(room->free_bytes);
    disk.size->Set(room->size_bytes);
  }
}

void HostProbe::LookAtCertificates() {
  for (const Certificate& certificate : certificates_) {
    const absl::StatusOr<absl::Time> expiry = CertificateExpiry(certificate.file);
    certificate.expiry->Set(expiry.ok() ? static_cast<double>(absl::ToUnixSeconds(*expiry)) : 0);
  }
}

}  // namespace throughline::server
