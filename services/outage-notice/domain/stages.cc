#include "services/outage-notice/domain/stages.h"

namespace throughline::outage {

v1::NoticeStage FirstStage(v1::NoticeKind kind, bool begun) {
  switch (kind) {
    case v1::NOTICE_KIND_MAINTENANCE:
      return begun ? v1::NOTICE_STAGE_IN_PROGRESS : v1::NOTICE_STAGE_SCHEDULED;
    case v1::NOTICE_KIND_CHANGE:
      return begun ? v1::NOTICE_STAGE_IN_FORCE : v1::NOTICE_STAGE_ANNOUNCED;
    default:
      return v1::NOTICE_STAGE_INVESTIGATING;
  }
}

bool IsOpenStage(v1::NoticeKind kind, bool begun, v1::NoticeStage stage) {
  switch (stage) {
    case v1::NOTICE_STAGE_INVESTIGATING:
    case v1::NOTICE_STAGE_IDENTIFIED:
    case v1::NOTICE_STAGE_MONITORING:
      return IsFault(kind);
    case v1::NOTICE_STAGE_SCHEDULED:
      return kind == v1::NOTICE_KIND_MAINTENANCE && !begun;
    case v1::NOTICE_STAGE_IN_PROGRESS:
    case v1::NOTICE_STAGE_VERIFYING:
      return kind == v1::NOTICE_KIND_MAINTENANCE && begun;
    case v1::NOTICE_STAGE_ANNOUNCED:
      return kind == v1::NOTICE_KIND_CHANGE && !begun;
    case v1::NOTICE_STAGE_IN_FORCE:
      return kind == v1::NOTICE_KIND_CHANGE && begun;
    default:
      return false;
  }
}

v1::NoticeStage LastStage(v1::NoticeKind kind, v1::NoticeStage stage) {
  if (IsFault(kind)) return v1::NOTICE_STAGE_RESOLVED;
  return kind == v1::NOTICE_KIND_MAINTENANCE && !IsAhead(stage) ? v1::NOTICE_STAGE_COMPLETED
                                                                : v1::NOTICE_STAGE_WITHDRAWN;
}

bool IsAhead(v1::NoticeStage stage) {
  return stage == v1::NOTICE_STAGE_SCHEDULED || stage == v1::NOTICE_STAGE_ANNOUNCED;
}

bool IsAnnounced(v1::NoticeKind kind) { return kind == v1::NOTICE_KIND_MAINTENANCE || kind == v1::NOTICE_KIND_CHANGE; }

bool IsFault(v1::NoticeKind kind) { return kind == v1::NOTICE_KIND_OUTAGE || kind == v1::NOTICE_KIND_DEGRADATION; }

}  // namespace throughline::outage
