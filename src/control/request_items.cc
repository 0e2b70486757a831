// SPDX-License-Identifier: BSD-2-Clause
#include "control/request_items.h"

#include <algorithm>

namespace ntp::control {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f' || c == '\0'; }
bool is_between(char c) { return c == ',' || is_space(c); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_blank(std::string_view text) { return std::all_of(text.begin(), text.end(), is_between); }

std::optional<RequestItem> RequestItems::next() {
  for (;;) {
    while (!rest_.empty() && is_between(rest_.front())) rest_.remove_prefix(1);
    if (rest_.empty()) return std::nullopt;
    const std::size_t name_end = std::min(rest_.find_first_of(",="), rest_.size());
    RequestItem item{.name = trimmed(rest_.substr(0, name_end)), .value = {}};
    rest_.remove_prefix(name_end);
    if (!rest_.empty() && rest_.front() == '=') {
      rest_.remove_prefix(1);
      while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
      const bool is_quoted = !rest_.empty() && rest_.front() == '"' && rest_.find('"', 1) != std::string_view::npos;
      const std::size_t quote_end = is_quoted ? rest_.find('"', 1) : 0;
      const std::size_t end = std::min(rest_.find(',', quote_end), rest_.size());
      item.value = is_quoted ? rest_.substr(1, quote_end - 1) : trimmed(rest_.substr(0, end));
      rest_.remove_prefix(end);
    }
    if (!item.name.empty()) return item;
  }
}

}  // namespace ntp::control
