#include "libs/runtime/reads/parked_readers.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {
namespace {

constexpr absl::Duration kDoubtful = absl::Milliseconds(200);

}  // namespace

void ParkedReaders::Park(std::vector<log::Position> places, std::string field, absl::Time now, absl::Time deadline,
                         Done done) {
  readers_.push_back(
      std::make_shared<Reader>(Reader{std::move(places), std::move(field), now, deadline, std::move(done)}));
  Folded();
}

void ParkedReaders::Folded() {
  if (readers_.empty()) return;
  Answer([this](Reader& reader, absl::Status&) {
    std::erase_if(reader.places, [this](const log::Position& place) { return positions_.Reached(place); });
    return reader.places.empty();
  });
}

void ParkedReaders::Expire(absl::Time now) {
  if (readers_.empty()) return;
  Answer([now](Reader& reader, absl::Status& status) {
    if (now < reader.deadline) return false;
    status = Refuse(absl::StatusCode::kDeadlineExceeded, "NOT_YET_FOLDED",
                    "this replica has not folded as far as the token; try again or ask without a token");
    return true;
  });
  for (const ReaderPtr& reader : readers_) {
    if (!reader->doubted && now - reader->since >= kDoubtful) Doubt(reader);
  }
}

void ParkedReaders::Doubt(const ReaderPtr& reader) {
  reader->doubted = true;
  std::vector<log::Partition> partitions;
  for (const log::Position& place : reader->places) partitions.push_back(place.partition);
  log_.QueryEnds(std::move(partitions), [this, reader, places = reader->places,
                                         inbox = inbox_](absl::StatusOr<std::vector<log::Position>> ends) {
    if (!ends.ok()) {
      inbox->Push([reader] { reader->doubted = false; });  // it goes on waiting, and the log is asked again
      return;
    }
    for (size_t i = 0; i < places.size(); ++i) {
      if (places[i].offset <= (*ends)[i].offset) continue;
      inbox->Push([this, reader] {
        Answer([&](Reader& one, absl::Status& status) {
          if (&one != reader.get()) return false;
          status = BadField(one.field, "is ahead of the log, so it was not given by this installation: leave it out");
          return true;
        });
      });
      return;
    }
  });
}

void ParkedReaders::Fail(const absl::Status& why) {
  Answer([&](Reader&, absl::Status& status) {
    status = why;
    return true;
  });
}

void ParkedReaders::Answer(const std::function<bool(Reader&, absl::Status&)>& judge) {
  std::vector<std::pair<ReaderPtr, absl::Status>> answered;
  std::erase_if(readers_, [&](const ReaderPtr& reader) {
    absl::Status status;
    if (!judge(*reader, status)) return false;
    answered.emplace_back(reader, std::move(status));
    return true;
  });
  for (auto& [reader, status] : answered) reader->done(std::move(status));
}

}  // namespace throughline::runtime
