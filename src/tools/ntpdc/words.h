// SPDX-License-Identifier: BSD-2-Clause
//
// Numbers of mode 7 as words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ntp::tools::ntpdc {

/// "client", "sym_active", ...
[[nodiscard]] const char* mode_word(std::uint8_t mode);
/// "00" to "11".
[[nodiscard]] std::string leap_bits(std::uint8_t leap);
/// An address, or text where a clock or nobody is followed.
[[nodiscard]] std::string refid_text(std::uint32_t refid, std::uint8_t stratum);
/// " config, candidate"; " none".
[[nodiscard]] std::string peer_flag_words(std::uint16_t flags);
/// "ntpport, interface, ignore"; "none".
[[nodiscard]] std::string restriction_words(std::uint16_t match_flags, std::uint16_t flags);
/// The bit of a restrict line's word; nothing if there is none of that name.
[[nodiscard]] std::optional<std::uint16_t> restriction_bit(std::string_view word);
/// "pll unsync"; empty if no bit is set.
[[nodiscard]] std::string kernel_status_words(std::uint16_t status);
/// "Undisciplined local clock (1)".
[[nodiscard]] std::string clock_type_text(std::uint8_t type);

}  // namespace ntp::tools::ntpdc
