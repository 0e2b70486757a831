// SPDX-License-Identifier: BSD-2-Clause
//
// Numbers and sentences as ntpq --watch writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::ntpq {

/// "17.4 us", "1.204 ms", "-2.5 s": three or four digits in the unit that suits; "-" where there is none.
[[nodiscard]] std::string duration_text(std::optional<double> milliseconds);
/// The same with its sign.
[[nodiscard]] std::string signed_duration_text(std::optional<double> milliseconds);
/// As in ntpq's columns when and poll: "64", "35m", "5h", "12d"; "-" for none and for 0.
[[nodiscard]] std::string age_text(std::optional<double> seconds);
/// Milliseconds as in ntpq's columns: three decimals as long as there is room.
[[nodiscard]] std::string column_text(std::optional<double> milliseconds, std::size_t width);
[[nodiscard]] std::string signed_column_text(std::optional<double> milliseconds, std::size_t width);
/// "19:45:42 UTC"
[[nodiscard]] std::string time_text(std::int64_t unix_s);
/// "2 s", "5 min", "3 h", "2 days"
[[nodiscard]] std::string since_text(double seconds);
/// Lines of at most `width` characters, broken between words where there are some; the first begins with `first` blanks, those
/// after it with `indent`. Text: one column a character.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t indent = 0,
                                               std::size_t first = 0);

}  // namespace ntp::ntpq
