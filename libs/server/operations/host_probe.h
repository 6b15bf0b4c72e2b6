#pragma once

// What a process has of its machine: processor, memory, descriptors, room on its disks, and how long its certificates
// last. The names of these metrics stand here and nowhere else; those of the process are as other exporters have them.
//
//   HostProbe probe(registry, {{"data", "/var/lib/throughline/intake"}}, tls);
//   probe.Update(absl::Now());    // several times a second; looks once a second, at certificates once a minute
//
// One thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

#include "libs/server/options.h"

namespace throughline::server {

// Of a path's file system. Absent: it cannot be read.
struct DiskRoom {
  double free_bytes;  // for whoever is not root
  double size_bytes;
};
std::optional<DiskRoom> RoomOn(const std::string& path);

class HostProbe {
 public:
  struct Directory {
    std::string label;  // "data", "backup"
    std::string path;
  };

  // `registry` must outlive the probe. Shows the present at once.
  HostProbe(prometheus::Registry& registry, const std::vector<Directory>& directories,
            const std::optional<TlsOptions>& tls);

  void Update(absl::Time now);

 private:
  struct Disk {
    std::string path;
    prometheus::Gauge* free;
    prometheus::Gauge* size;
  };
  struct Certificate {
    std::string file;
    prometheus::Gauge* expiry;
  };

  void LookAtProcess();
  void LookAtDisks();
  void LookAtCertificates();

  prometheus::Counter& cpu_;
  prometheus::Gauge& memory_;
  prometheus::Gauge& virtual_memory_;
  prometheus::Gauge& threads_;
  prometheus::Gauge& open_fds_;
  prometheus::Gauge& max_fds_;
  std::vector<Disk> disks_;
  std::vector<Certificate> certificates_;
  absl::Time looked_ = absl::InfinitePast();
  absl::Time looked_at_certificates_ = absl::InfinitePast();
};

}  // namespace throughline::server
