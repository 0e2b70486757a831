// SPDX-License-Identifier: BSD-2-Clause
#include "clock/kernel_view.h"

#include <sys/timex.h>

#include <gtest/gtest.h>

namespace ntp::clock {
namespace {

// adjtimex(2), NOTES and the table of fields.
TEST(KernelView, UnitsAreTheKernels) {
  timex kernel{};
  kernel.offset = -1500;
  kernel.freq = 65536 * 12 + 32768;
  kernel.maxerror = 16'000'000;
  kernel.esterror = 250;
  kernel.constant = 6;
  kernel.precision = 1;
  kernel.tolerance = 500 * 65536;
  kernel.jitter = 2000;
  kernel.shift = 4;
  kernel.status = STA_PLL;

  const state::KernelView microseconds = kernel_view_of(kernel);
  EXPECT_DOUBLE_EQ(microseconds.offset_s, -1500e-6);
  EXPECT_DOUBLE_EQ(microseconds.frequency_ppm, 12.5);
  EXPECT_DOUBLE_EQ(microseconds.max_error_s, 16);
  EXPECT_DOUBLE_EQ(microseconds.estimated_error_s, 250e-6);
  EXPECT_DOUBLE_EQ(microseconds.precision_s, 1e-6);
  EXPECT_DOUBLE_EQ(microseconds.tolerance_ppm, 500);
  EXPECT_DOUBLE_EQ(microseconds.pps_jitter_s, 2000e-6);
  EXPECT_EQ(microseconds.pps_interval_s, 16);
  EXPECT_EQ(microseconds.time_constant, 6);
  EXPECT_EQ(microseconds.status, static_cast<std::uint32_t>(STA_PLL));
  EXPECT_FALSE(microseconds.is_nanoseconds);

  kernel.status |= STA_NANO;
  const state::KernelView nanoseconds = kernel_view_of(kernel);
  EXPECT_TRUE(nanoseconds.is_nanoseconds);
  EXPECT_DOUBLE_EQ(nanoseconds.offset_s, -1500e-9);
  EXPECT_DOUBLE_EQ(nanoseconds.pps_jitter_s, 2000e-9);
  EXPECT_DOUBLE_EQ(nanoseconds.max_error_s, 16) << "microseconds all the same";
}

TEST(KernelView, NoCalibrationIsNoInterval) {
  const timex kernel{};
  EXPECT_EQ(kernel_view_of(kernel).pps_interval_s, 0);
}

TEST(KernelView, ReadingNeedsNoRight) {
  const auto kernel = read_kernel();
  ASSERT_TRUE(kernel);
  EXPECT_GT(kernel->tolerance_ppm, 0);
}

}  // namespace
}  // namespace ntp::clock
