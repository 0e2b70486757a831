// SPDX-License-Identifier: BSD-2-Clause
//
// Results as JSON: what a table's rows, a report's lines and a list's variables are called is in docs/man/ntpq.1.
#include <utility>

#include <fmt/format.h>

#include "tools/ntpq/result.h"
#include "tools/ntpq/status_text.h"

namespace ntp::ntpq {
namespace {

using client::Json;

Json json_of(const StatusLine& status) {
  Json::Array words;
  for (const std::string& word : status_words(status)) words.emplace_back(word);
  Json out;
  out.add("associd", int{status.association_id});
  out.add("status", fmt::format("{:04x}", status.status));
  out.add("words", std::move(words));
  return out;
}

/// Of a name that comes twice (cert) the values become a list.
Json by_name(const std::vector<CookedVariable>& variables) {
  Json::Members members;
  std::vector<bool> is_list;
  for (const CookedVariable& variable : variables) {
    std::size_t at = 0;
    while (at < members.size() && members[at].first != variable.name) ++at;
    if (at == members.size()) {
      members.emplace_back(variable.name, variable.value);
      is_list.push_back(false);
      continue;
    }
    if (!is_list[at]) members[at].second = Json::Array{std::move(members[at].second)};
    is_list[at] = true;
    members[at].second.append(variable.value);
  }
  return members;
}

Json json_of(const VariableList& list) {
  Json out{Json::Members()};
  if (list.status) out.add("status", json_of(*list.status));
  if (list.raw)
    out.add("raw", *list.raw);
  else
    out.add("variables", by_name(list.variables));
  return out;
}

struct Writer {
  Json operator()(const Done&) const { return Json::Members(); }
  Json operator()(const Text& text) const { return Json::Members{{"text", text.lines}}; }
  Json operator()(const VariableList& list) const { return json_of(list); }
  Json operator()(const VariableLists& lists) const {
    Json::Array items;
    for (const VariableList& list : lists.lists) items.push_back(json_of(list));
    return Json::Members{{"lists", std::move(items)}};
  }
  Json operator()(const Report& report) const {
    Json out{Json::Members()};
    if (report.status) out.add("status", json_of(*report.status));
    Json::Members values;
    for (const ReportRow& row : report.rows) values.emplace_back(row.name, row.value);
    out.add("report", std::move(values));
    return out;
  }
  Json operator()(const Table& table) const {
    Json::Array rows;
    for (const TableRow& row : table.rows) rows.push_back(row.value);
    return Json::Members{{"rows", std::move(rows)}};
  }
};

struct FaultFinder {
  const std::string& operator()(const Text& text) const { return text.refusal; }
  const std::string& operator()(const VariableList& list) const { return list.fault; }
  const std::string& operator()(const VariableLists& lists) const { return lists.fault; }
  const std::string& operator()(const Table& table) const { return table.fault; }
  const std::string& operator()(const auto&) const {
    static const std::string none;
    return none;
  }
};

}  // namespace

const std::string& fault_of(const Result& result) { return std::visit(FaultFinder{}, result); }

client::Json to_json(const Result& result) { return std::visit(Writer{}, result); }

}  // namespace ntp::ntpq
