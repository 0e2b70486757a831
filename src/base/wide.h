// SPDX-License-Identifier: BSD-2-Clause
//
// The 128-bit integer in which legs of an exchange and corrections of the clock are summed without loss.
#pragma once

namespace ntp {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

}  // namespace ntp
