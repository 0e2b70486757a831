// SPDX-License-Identifier: BSD-2-Clause
//
// Preloaded into a daemon under test: it believes that it may set the clock, and what it sets is remembered, never done.
//
// With FAKE_CLOCK_AHEAD_S in its environment it lives so many seconds in the future. Then it leaps as a kernel does, at the
// midnight (UTC) after STA_INS or STA_DEL came, and says on standard error what the kernel was told. With FAKE_CLOCK_TELLS
// it says which steps and slews (adjtime) it was told.
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>

#include <dlfcn.h>
#include <sys/capability.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

namespace {

constexpr std::time_t kDay_s = 86400;

template <class Function>
Function next_function(const char* name) {
  void* const symbol = dlsym(RTLD_NEXT, name);
  if (symbol == nullptr) std::abort();
  return reinterpret_cast<Function>(symbol);
}

timex remembered() {
  timex state{};
  state.tick = 10000;
  state.precision = 1;
  state.tolerance = 32768000;
  return state;
}

timex& kernel() {
  static timex state = remembered();
  return state;
}

/// The future that the daemon lives in.
class Future {
 public:
  static Future& get() {
    static Future future;
    return future;
  }

  [[nodiscard]] bool is_there() const { return ahead_s_ != 0; }

  timespec shift(timespec now) {
    const std::lock_guard lock(mutex_);
    now.tv_sec += ahead_s_;
    if (armed_ != 0 && now.tv_sec >= leap_at_) {
      ahead_s_ -= armed_;
      now.tv_sec -= armed_;
      armed_ = 0;
      has_leapt_ = true;
    }
    return now;
  }

  void tell(int status, std::time_t now) {
    const std::lock_guard lock(mutex_);
    const int wanted = (status & STA_INS) != 0 ? 1 : (status & STA_DEL) != 0 ? -1 : 0;
    if (wanted == 0) has_leapt_ = false;
    if (wanted == armed_ || has_leapt_) return;
    armed_ = wanted;
    leap_at_ = (now / kDay_s + 1) * kDay_s - (wanted < 0 ? 1 : 0);
  }

 private:
  Future() {
    const char* const ahead = std::getenv("FAKE_CLOCK_AHEAD_S");
    if (ahead != nullptr) ahead_s_ = std::strtoll(ahead, nullptr, 10);
  }

  std::mutex mutex_;
  std::time_t ahead_s_ = 0;
  int armed_ = 0;
  bool has_leapt_ = false;
  std::time_t leap_at_ = 0;
};

void say(const timex& state) {
  std::array<char, 80> line{};
  const int length = std::snprintf(line.data(), line.size(), "fake clock: status %d tai %d\n", state.status, state.tai);
  if (length > 0 && write(STDERR_FILENO, line.data(), static_cast<std::size_t>(length)) < 0) std::abort();
}

void tell(const char* what, double amount_s) {
  if (std::getenv("FAKE_CLOCK_TELLS") == nullptr) return;
  std::array<char, 80> line{};
  const int length = std::snprintf(line.data(), line.size(), "fake clock: %s %+.6f\n", what, amount_s);
  if (length > 0 && write(STDERR_FILENO, line.data(), static_cast<std::size_t>(length)) < 0) std::abort();
}

int change(timex* request) {
  timex& state = kernel();
  if ((request->modes & ADJ_SETOFFSET) != 0)
    tell("step", static_cast<double>(request->time.tv_sec) + static_cast<double>(request->time.tv_usec) / 1e9);
  if (request->modes == ADJ_OFFSET_SINGLESHOT) tell("slew", static_cast<double>(request->offset) / 1e6);
  const timex before = state;
  const unsigned modes = request->modes;
  if ((modes & ADJ_FREQUENCY) != 0) state.freq = request->freq;
  if ((modes & ADJ_TICK) != 0) state.tick = request->tick;
  if ((modes & ADJ_STATUS) != 0) state.status = request->status;
  if ((modes & ADJ_MAXERROR) != 0) state.maxerror = request->maxerror;
  if ((modes & ADJ_ESTERROR) != 0) state.esterror = request->esterror;
  if ((modes & ADJ_TAI) != 0) state.tai = static_cast<int>(request->constant);
  if (Future& future = Future::get(); future.is_there() && (modes & ADJ_STATUS) != 0) {
    if (before.status != state.status || before.tai != state.tai) say(state);
    future.tell(state.status, std::time(nullptr));
  }
  *request = state;
  request->modes = modes;
  return TIME_OK;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto real = next_function<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME && Future::get().is_there()) *now = Future::get().shift(*now);
  return result;
}
time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

int clock_adjtime(clockid_t, timex* request) { return change(request); }
int adjtimex(timex* request) { return change(request); }
int ntp_adjtime(timex* request) { return change(request); }
int clock_settime(clockid_t, const timespec*) { return 0; }
int settimeofday(const timeval*, const struct timezone*) { return 0; }

int cap_get_flag(cap_t capabilities, cap_value_t capability, cap_flag_t flag, cap_flag_value_t* value) {
  if (capability == CAP_SYS_TIME) {
    *value = CAP_SET;
    return 0;
  }
  static const auto real = next_function<int (*)(cap_t, cap_value_t, cap_flag_t, cap_flag_value_t*)>("cap_get_flag");
  return real(capabilities, capability, flag, value);
}

}  // extern "C"
