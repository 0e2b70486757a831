// SPDX-License-Identifier: BSD-2-Clause
//
// The leap seconds that were known when this program was made: every one since 1972, as IERS announced them (Bulletin C).
// Whoever prolongs the table takes the two instants below from the newest leap-seconds.list; the test compares its hash.
#include "policy/leap_table.h"

namespace ntp::policy {
namespace {

/// IERS' list of 6 July 2026, as the time zone database 2026f carries it: no leap second at the end of December 2026.
constexpr LeapSeconds kUpdated = 3'992'312'697;
/// 28 June 2027, as that list says of itself.
constexpr LeapSeconds kExpires = 4'023'129'600;

}  // namespace

const LeapTable& LeapTable::embedded() {
  // clang-format off
  static const LeapTable table({
      {.at = 2'272'060'800, .tai_offset_s = 10},  // 1 January 1972
      {.at = 2'287'785'600, .tai_offset_s = 11},  // 1 July 1972
      {.at = 2'303'683'200, .tai_offset_s = 12},  // 1 January 1973
      {.at = 2'335'219'200, .tai_offset_s = 13},  // 1 January 1974
      {.at = 2'366'755'200, .tai_offset_s = 14},  // 1 January 1975
      {.at = 2'398'291'200, .tai_offset_s = 15},  // 1 January 1976
      {.at = 2'429'913'600, .tai_offset_s = 16},  // 1 January 1977
      {.at = 2'461'449'600, .tai_offset_s = 17},  // 1 January 1978
      {.at = 2'492'985'600, .tai_offset_s = 18},  // 1 January 1979
      {.at = 2'524'521'600, .tai_offset_s = 19},  // 1 January 1980
      {.at = 2'571'782'400, .tai_offset_s = 20},  // 1 July 1981
      {.at = 2'603'318'400, .tai_offset_s = 21},  // 1 July 1982
      {.at = 2'634'854'400, .tai_offset_s = 22},  // 1 July 1983
      {.at = 2'698'012'800, .tai_offset_s = 23},  // 1 July 1985
      {.at = 2'776'982'400, .tai_offset_s = 24},  // 1 January 1988
      {.at = 2'840'140'800, .tai_offset_s = 25},  // 1 January 1990
      {.at = 2'871'676'800, .tai_offset_s = 26},  // 1 January 1991
      {.at = 2'918'937'600, .tai_offset_s = 27},  // 1 July 1992
      {.at = 2'950'473'600, .tai_offset_s = 28},  // 1 July 1993
      {.at = 2'982'009'600, .tai_offset_s = 29},  // 1 July 1994
      {.at = 3'029'443'200, .tai_offset_s = 30},  // 1 January 1996
      {.at = 3'076'704'000, .tai_offset_s = 31},  // 1 July 1997
      {.at = 3'124'137'600, .tai_offset_s = 32},  // 1 January 1999
      {.at = 3'345'062'400, .tai_offset_s = 33},  // 1 January 2006
      {.at = 3'439'756'800, .tai_offset_s = 34},  // 1 January 2009
      {.at = 3'550'089'600, .tai_offset_s = 35},  // 1 July 2012
      {.at = 3'644'697'600, .tai_offset_s = 36},  // 1 July 2015
      {.at = 3'692'217'600, .tai_offset_s = 37},  // 1 January 2017
  }, kExpires, kUpdated);
  // clang-format on
  return table;
}

}  // namespace ntp::policy
