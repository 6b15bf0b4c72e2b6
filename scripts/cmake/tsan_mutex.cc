// Tells the thread sanitizer about the ordering by abseil's mutex. The distribution built abseil without the sanitizer,
// so the sanitizer does not see that one thread's Unlock happens before another's Lock, and would report false races.
// The linker (--wrap, see Throughline.cmake) redirects our calls to the wrappers below: each announces the ordering and
// calls the real function.
//
// Memory accesses inside the real function are ignored: abseil evaluates one thread's Condition on another thread,
// after that thread has announced its Unlock and before it has really unlocked.

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace {

using absl::BlockingCounter;
using absl::Condition;
using absl::CondVar;
using absl::Duration;
using absl::Mutex;
using absl::Notification;
using absl::Time;

enum Order { kAcquires = 1, kReleases = 2, kBoth = 3 };

class Announced {
 public:
  Announced(Order order, const void* address) : order_(order), address_(const_cast<void*>(address)) {
    if ((order_ & kReleases) != 0) __tsan_release(address_);
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~Announced() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    if ((order_ & kAcquires) != 0) __tsan_acquire(address_);
  }
  Announced(const Announced&) = delete;
  Announced& operator=(const Announced&) = delete;

 private:
  const Order order_;
  void* const address_;
};

// The flag that Notification::HasBeenNotified reads inline follows the mutex in memory.
const void* Flag(const Notification* self) { return reinterpret_cast<const char*>(self) + sizeof(Mutex); }

}  // namespace

#define WRAP(symbol, result, order, address, parameters, arguments) \
  extern "C" result __real_##symbol parameters;                     \
  extern "C" result __wrap_##symbol parameters {                    \
    const Announced announced(order, address);                      \
    return __real_##symbol arguments;                               \
  }

WRAP(_ZN4absl7debian35Mutex4LockEv, void, kAcquires, self, (Mutex * self), (self))
WRAP(_ZN4absl7debian35Mutex7TryLockEv, bool, kAcquires, self, (Mutex * self), (self))
WRAP(_ZN4absl7debian35Mutex6UnlockEv, void, kReleases, self, (Mutex * self), (self))
WRAP(_ZN4absl7debian35Mutex10ReaderLockEv, void, kAcquires, self, (Mutex * self), (self))
WRAP(_ZN4absl7debian35Mutex13ReaderTryLockEv, bool, kAcquires, self, (Mutex * self), (self))
WRAP(_ZN4absl7debian35Mutex12ReaderUnlockEv, void, kReleases, self, (Mutex * self), (self))
WRAP(_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE, void, kBoth, self, (Mutex * self, const Condition& until),
     (self, until))
WRAP(_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE, bool, kBoth, self,
     (Mutex * self, const Condition& until, Duration timeout), (self, until, timeout))
WRAP(_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE, bool, kBoth, self,
     (Mutex * self, const Condition& until, Time deadline), (self, until, deadline))
WRAP(_ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE, void, kAcquires, self, (Mutex * self, const Condition& until),
     (self, until))
WRAP(_ZN4absl7debian35Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE, bool, kAcquires, self,
     (Mutex * self, const Condition& until, Duration timeout), (self, until, timeout))
WRAP(_ZN4absl7debian35Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE, bool, kAcquires, self,
     (Mutex * self, const Condition& until, Time deadline), (self, until, deadline))
WRAP(_ZN4absl7debian35Mutex14ReaderLockWhenERKNS0_9ConditionE, void, kAcquires, self,
     (Mutex * self, const Condition& until), (self, until))

WRAP(_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE, void, kBoth, mutex, (CondVar * self, Mutex* mutex), (self, mutex))
WRAP(_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE, bool, kBoth, mutex,
     (CondVar * self, Mutex* mutex, Duration timeout), (self, mutex, timeout))
WRAP(_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE, bool, kBoth, mutex,
     (CondVar * self, Mutex* mutex, Time deadline), (self, mutex, deadline))

WRAP(_ZN4absl7debian312Notification6NotifyEv, void, kReleases, Flag(self), (Notification * self), (self))
WRAP(_ZNK4absl7debian312Notification19WaitForNotificationEv, void, kAcquires, Flag(self), (const Notification* self),
     (self))
WRAP(_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE, bool, kAcquires, Flag(self),
     (const Notification* self, Duration timeout), (self, timeout))
WRAP(_ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE, bool, kAcquires, Flag(self),
     (const Notification* self, Time deadline), (self, deadline))

WRAP(_ZN4absl7debian315BlockingCounter14DecrementCountEv, bool, kReleases, self, (BlockingCounter * self), (self))
WRAP(_ZN4absl7debian315BlockingCounter4WaitEv, void, kAcquires, self, (BlockingCounter * self), (self))
