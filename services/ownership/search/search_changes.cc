#include "services/ownership/search/search_changes.h"

#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {

void SearchChanges::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Ownership::kKind && commit.stream.kind != "case") return;
  const std::string& case_id = commit.stream.key;
  const auto topic = static_cast<int64_t>(commit.position.partition.topic);
  const int64_t partition = commit.position.partition.index;
  if (commit.version > 1) {  // the first has none before it
    if (const auto before = kSearchChangedAt.Get(batch, case_id, topic)) {
      kSearchChanges.Delete(batch, topic, partition, *before);
    }
  }
  kSearchChanges.Put(batch, topic, partition, commit.position.offset, case_id);
  kSearchChangedAt.Put(batch, case_id, topic, commit.position.offset);
  batch.Notify(kSearchTopic);
}

}  // namespace throughline::ownership
