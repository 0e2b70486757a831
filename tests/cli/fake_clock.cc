// SPDX-License-Identifier: BSD-2-Clause
//
// Preloaded into a daemon under test: it believes that it may set the clock, and what it sets is remembered, never done.
#include <cerrno>
#include <cstdlib>

#include <dlfcn.h>
#include <sys/capability.h>
#include <sys/time.h>
#include <sys/timex.h>

namespace {

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

int change(timex* request) {
  timex& state = kernel();
  const unsigned modes = request->modes;
  if ((modes & ADJ_FREQUENCY) != 0) state.freq = request->freq;
  if ((modes & ADJ_TICK) != 0) state.tick = request->tick;
  if ((modes & ADJ_STATUS) != 0) state.status = request->status;
  if ((modes & ADJ_MAXERROR) != 0) state.maxerror = request->maxerror;
  if ((modes & ADJ_ESTERROR) != 0) state.esterror = request->esterror;
  *request = state;
  request->modes = modes;
  return TIME_OK;
}

}  // namespace

extern "C" {

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
  using Function = int (*)(cap_t, cap_value_t, cap_flag_t, cap_flag_value_t*);
  void* const symbol = dlsym(RTLD_NEXT, "cap_get_flag");
  if (symbol == nullptr) std::abort();
  return reinterpret_cast<Function>(symbol)(capabilities, capability, flag, value);
}

}  // extern "C"
