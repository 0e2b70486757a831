// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/path_watch.h"

#include <algorithm>
#include <cmath>

namespace ntp::estimator {
namespace {

/// Most new routes are longer or shorter both ways alike, to this share. If one isn't, the next exchange misses.
constexpr double kAlike = 0.01;
/// So many misses in a row are no outliers.
constexpr int kMostOutliers = 4;
constexpr int kMostOutliersOfNewRoute = 2;
/// While so little is known of the path, it is likelier that the clock was taken for better known than it was.
constexpr int kFirstExchanges = 16;
/// No clock is further off than this; a jump between two exchanges in a row would look like it.
constexpr double kMostFrequency = 0.01;
/// After so many hits a new route is taken to be alike both ways.
constexpr int kEnoughGood = 16;

}  // namespace

Doubt PathWatch::before(double floor_shift_s) {
  if (floor_shift_s == 0) return {};
  unknown_half_s_ = std::abs(floor_shift_s) / 2;
  good_ = 0;
  outliers_ = 0;
  return {.path_s = kAlike * unknown_half_s_};
}

Doubt PathWatch::after(double outlier_share, double miss_s, double interval_s) {
  ++exchanges_;
  if (outlier_share < 0.5) {
    outliers_ = 0;
    if (unknown_half_s_ > 0 && ++good_ >= kEnoughGood) unknown_half_s_ = 0;
    return {};
  }
  if (exchanges_ <= kFirstExchanges && interval_s > 0)
    return {.offset_s = std::abs(miss_s), .frequency = std::min(std::abs(miss_s) / interval_s, kMostFrequency)};
  ++outliers_;
  if (unknown_half_s_ > 0 && outliers_ >= kMostOutliersOfNewRoute) {
    outliers_ = 0;
    const double path_s = unknown_half_s_;
    unknown_half_s_ = 0;
    return {.path_s = path_s};
  }
  if (outliers_ < kMostOutliers) return {};
  outliers_ = 0;
  return {.offset_s = std::abs(miss_s)};
}

}  // namespace ntp::estimator
