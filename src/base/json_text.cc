// SPDX-License-Identifier: BSD-2-Clause
#include "base/json_text.h"

#include <cstddef>

#include <fmt/format.h>

#include "base/utf8.h"

namespace ntp {

std::string json_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0)
      out += "\\ufffd";
    else if (first == '"' || first == '\\')
      out += {'\\', text.front()};
    else if (first < 0x20)
      out += fmt::format("\\u{:04x}", first);
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace ntp
