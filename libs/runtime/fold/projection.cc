#include "libs/runtime/fold/projection.h"

#include "libs/runtime/domain/time.h"

namespace throughline::runtime {

void Count(store::Batch& batch, const std::string& name, int64_t change) {
  if (change == 0) return;
  const int64_t count = kCounterRows.Get(batch, name).value_or(0) + change;
  // A count of 0 has no row: otherwise the rows would depend on the order in which the topics are folded.
  count == 0 ? kCounterRows.Delete(batch, name) : kCounterRows.Put(batch, name, count);
}

int64_t Counted(const store::KeyValue& reader, const std::string& name) {
  return kCounterRows.Get(reader, name).value_or(0);
}

void ScheduleTimer(store::Batch& batch, absl::Time due, const std::string& stream, const std::string& name) {
  throughline::log::v1::TimerRow row;
  row.set_stream(stream);
  row.set_name(name);
  *row.mutable_due() = ToProto(due);
  kTimerRows.Put(batch, due, stream, name, row);
  batch.Notify(kTimerChanged + kTimerRows.KeyOf(due, stream, name));
}

void CancelTimer(store::Batch& batch, absl::Time due, const std::string& stream, const std::string& name) {
  kTimerRows.Delete(batch, due, stream, name);
  batch.Notify(kTimerChanged + kTimerRows.KeyOf(due, stream, name));
}

}  // namespace throughline::runtime
