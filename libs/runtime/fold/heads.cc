#include "libs/runtime/fold/heads.h"

#include <utility>

#include "libs/runtime/fold/tables.h"
#include "libs/store/damaged_row.h"

namespace throughline::runtime {

const StreamHead& Heads::Load(const StreamType& type, const std::string& stream) {
  if (auto kept = kept_.find(stream); kept != kept_.end()) return kept->second;
  if (auto kept = before_.find(stream); kept != before_.end()) return Keep(stream, std::move(kept->second));
  StreamHead head;
  std::shared_ptr<google::protobuf::Message> state = type.own() ? type.NewState() : nullptr;
  if (auto row = kStreamRows.Get(store_, stream)) {
    head.version = row->version();
    head.digest = std::move(*row->mutable_digest());
    head.traceparent = std::move(*row->mutable_traceparent());
    if (state != nullptr && !state->ParseFromString(row->state())) {
      throw store::DamagedRow("the state of " + stream);
    }
  }
  head.state = std::move(state);
  return Keep(stream, std::move(head));
}

void Heads::Store(store::Batch& batch, const std::string& stream, StreamHead head) {
  throughline::log::v1::StreamRow row;
  row.set_version(head.version);
  row.set_digest(head.digest);
  row.set_traceparent(head.traceparent);
  if (head.state != nullptr) head.state->SerializeToString(row.mutable_state());
  kStreamRows.Put(batch, stream, row);
  Keep(stream, std::move(head));
}

const StreamHead& Heads::Keep(const std::string& stream, StreamHead head) {
  if (kept_.size() >= kKept) {
    before_ = std::exchange(kept_, {});
    kept_.reserve(kKept);
  }
  return kept_.insert_or_assign(stream, std::move(head)).first->second;
}

}  // namespace throughline::runtime
