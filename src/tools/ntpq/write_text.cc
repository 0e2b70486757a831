// SPDX-License-Identifier: BSD-2-Clause
//
// Results as the reference implementation prints them.
#include <cstddef>

#include <fmt/format.h>

#include "base/utf8.h"
#include "tools/ntpq/result.h"
#include "tools/ntpq/status_text.h"

namespace ntp::ntpq {
namespace {

/// A line of variables is broken before the one that would pass this column.
constexpr std::size_t kMaxLine = 72;

std::string text_of(const VariableList& list) {
  std::string out;
  if (list.raw) {
    if (list.status)
      out = fmt::format("associd={} status=0x{:04x},\n", list.status->association_id, list.status->status);
    out += *list.raw;
    if (!out.ends_with('\n')) out += '\n';
    return out;
  }
  if (list.status) out = status_text(*list.status);
  std::size_t column = 0;
  for (const CookedVariable& variable : list.variables) {
    const std::size_t length = utf8_count(variable.name) + utf8_count(variable.text) + 1;
    if (column != 0) {
      const bool fits = column + length + 2 <= kMaxLine;
      out += fits ? ", " : ",\n";
      column = fits ? column + 2 : 0;
    }
    out += variable.name + "=" + variable.text;
    column += length;
  }
  if (!list.variables.empty()) out += '\n';
  return out;
}

struct Writer {
  std::string operator()(const Done&) const { return {}; }
  std::string operator()(const Text& text) const { return text.lines; }
  std::string operator()(const VariableList& list) const { return text_of(list); }
  std::string operator()(const VariableLists& lists) const {
    std::string out;
    for (const VariableList& list : lists.lists) {
      if (lists.has_gaps && !out.empty()) out += '\n';
      out += text_of(list);
    }
    return out;
  }
  std::string operator()(const Report& report) const {
    std::string out;
    if (report.status) out = status_text(*report.status);
    for (const ReportRow& row : report.rows)
      out += fmt::format("{:<{}}  {}\n", row.label, report.label_width, row.text);
    return out;
  }
  std::string operator()(const Table& table) const {
    std::string out;
    for (const std::string& line : table.head) out += line + "\n";
    for (const TableRow& row : table.rows) out += row.text + "\n";
    return out;
  }
};

}  // namespace

std::string to_text(const Result& result) { return std::visit(Writer{}, result); }

}  // namespace ntp::ntpq
