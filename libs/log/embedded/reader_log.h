#pragma once

// An embedded log to read only, also while another process appends to it: an EventLog over an EmbeddedReader, for tools
// that fold it. Appends are refused.
//
// One thread. Nobody is woken for new records: poll now and then.

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "libs/log/embedded/reader.h"
#include "libs/log/event_log.h"

namespace throughline::log {

class ReaderLog : public EventLog {
 public:
  // Errors as EmbeddedReader::Open.
  static absl::StatusOr<std::unique_ptr<ReaderLog>> Open(const std::string& path);

  void Append(Partition partition, std::string key, std::string value, Appended done) override;
  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(std::vector<Position> from,
                                                          std::function<void()> wake) override;
  void QueryEnds(std::vector<Partition> partitions, Ends done) override;
  absl::StatusOr<Identity> Describe() override { return reader_->identity(); }
  size_t Flush(absl::Time) override { return 0; }

 private:
  explicit ReaderLog(std::unique_ptr<EmbeddedReader> reader) : reader_(std::move(reader)) {}

  const std::unique_ptr<EmbeddedReader> reader_;
};

}  // namespace throughline::log
