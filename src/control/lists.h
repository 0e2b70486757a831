// SPDX-License-Identifier: BSD-2-Clause
//
// The ordered lists (READ_ORDLIST_A): local addresses (ifstats) and restrict lines (reslist).
#pragma once

#include <span>

#include "control/facts.h"
#include "control/reply.h"
#include "control/request.h"
#include "policy/access_list.h"

namespace ntp::control {

/// An empty request asks for the local addresses. A list ends where a reply of the most fragments does.
void answer_ordered_list(std::string_view data, Facts& facts, Answer& out);

/// In the reference implementation's words: what is allowed, too ("serve trust peer epeer query trap").
std::string access_text(const policy::AccessRule& rule, std::span<const state::InterfaceView> interfaces);

}  // namespace ntp::control
