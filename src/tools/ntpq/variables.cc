// SPDX-License-Identifier: BSD-2-Clause
//
// readvar, readlist, mreadvar, mreadlist, clockvar, clocklist, writevar, writelist, and the list of chosen variables.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/ntpq/commands.h"
#include "tools/ntpq/cooking.h"

namespace ntp::ntpq {
namespace {

using client::printable;
using wire::ControlOpcode;

constexpr std::size_t kMostChosen = 100;

enum class Kind : std::uint8_t { variables, clock };

struct Question {
  Kind kind = Kind::variables;
  std::uint16_t association_id = 0;
  std::string names;  ///< empty: the server's own choice
};

StatusKind status_kind(const Question& question) {
  if (question.kind == Kind::clock) return StatusKind::clock;
  return question.association_id == 0 ? StatusKind::system : StatusKind::peer;
}

/// "No system variables returned"
std::string nothing_text(const Question& question) {
  const char* clock = question.kind == Kind::clock ? " clock" : "";
  if (question.association_id == 0) return fmt::format("No system{} variables returned\n", clock);
  return fmt::format("No information returned for{} association {}\n", clock, question.association_id);
}

std::expected<VariableList, Failure> ask(Context& context, const Question& question, std::string* nothing) {
  const auto answer =
      context.ask({.opcode = question.kind == Kind::clock ? ControlOpcode::read_clock : ControlOpcode::read_variables,
                   .association_id = question.association_id,
                   .data = question.names});
  if (!answer) return std::unexpected(answer.error());
  VariableList list;
  if (answer->data.empty()) {
    *nothing = nothing_text(question);
    return list;
  }
  if (question.names.empty() || context.settings.has_old_status)
    list.status = StatusLine{
        .association_id = question.association_id, .status = answer->header.status, .kind = status_kind(question)};
  if (context.settings.is_raw) list.raw = printable(answer->data, true);
  list.variables = cooked(context, client::parse_variables(answer->data));
  return list;
}

Outcome show(Context& context, const Question& question) {
  std::string nothing;
  auto list = ask(context, question, &nothing);
  if (!list) return std::unexpected(list.error());
  if (!nothing.empty()) return Text{nothing};
  return *std::move(list);
}

/// Names with commas between, whatever stood there: "leap, stratum" as well as "leap stratum".
std::string joined(const Words& words, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < words.size(); ++i) {
    if (!out.empty() && !out.ends_with(',') && !words[i].starts_with(',')) out += ',';
    out += words[i];
  }
  return out;
}

bool is_association(const std::string& word) {
  return !word.empty() &&
         (word.front() == '&' || std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; }));
}

std::expected<Question, Failure> question_of(Context& context, const Words& words, Kind kind) {
  Question question{.kind = kind};
  std::size_t names_at = 0;
  if (!words.empty() && is_association(words[0])) {
    const auto id = context.association_of(words[0]);
    if (!id) return std::unexpected(id.error());
    question.association_id = *id;
    names_at = 1;
  }
  question.names = joined(words, names_at);
  return question;
}

std::string chosen_names(const Context& context) {
  std::string out;
  for (const client::Variable& variable : context.chosen_variables) out += (out.empty() ? "" : ",") + variable.name;
  return out;
}

Outcome show_list(Context& context, const Words& words, Kind kind) {
  auto question = question_of(context, words, kind);
  if (!question) return std::unexpected(question.error());
  if (!question->names.empty())
    return failure("***Expected an association ID, not `" + printable(question->names) + "'");
  question->names = chosen_names(context);
  return show(context, *question);
}

/// Of all associations from one to another; the order of the two doesn't matter.
Outcome show_many(Context& context, const Words& words, const std::string& names, bool has_gaps) {
  const auto first = context.association_of(words[0]);
  if (!first) return std::unexpected(first.error());
  const auto last = context.association_of(words[1]);
  if (!last) return std::unexpected(last.error());
  const auto known = context.associations(false);
  if (!known) return std::unexpected(known.error());
  for (const auto& [id, word] : {std::pair{*first, words[0]}, std::pair{*last, words[1]}})
    if (std::ranges::find(*known, id, &Association::id) == known->end())
      return failure(fmt::format("***Association ID {} not found in list", id));
  const auto [from, to] = std::minmax(*first, *last);
  VariableLists lists{.has_gaps = has_gaps};
  for (const Association& association : *known) {
    if (association.id < from || association.id > to) continue;
    std::string nothing;
    auto list = ask(context, {.association_id = association.id, .names = names}, &nothing);
    if (!list) {
      if (lists.lists.empty()) return std::unexpected(list.error());
      lists.fault = list.error().text;
      return lists;
    }
    if (nothing.empty()) lists.lists.push_back(*std::move(list));
  }
  return lists;
}

Outcome write(Context& context, const std::string& word, const std::string& assignments) {
  const auto id = context.association_of(word);
  if (!id) return std::unexpected(id.error());
  const Question question{.association_id = *id, .names = assignments};
  const auto answer =
      context.ask_proven({.opcode = ControlOpcode::write_variables, .association_id = *id, .data = assignments});
  if (!answer) return std::unexpected(answer.error());
  if (answer->data.empty()) return Text{"done! (no data returned)\n"};
  VariableList list{
      .status = StatusLine{.association_id = *id, .status = answer->header.status, .kind = status_kind(question)}};
  list.variables = cooked(context, client::parse_variables(answer->data));
  return list;
}

}  // namespace

Outcome run_readvar(Context& context, const Words& words) {
  const auto question = question_of(context, words, Kind::variables);
  if (!question) return std::unexpected(question.error());
  return show(context, *question);
}

Outcome run_clockvar(Context& context, const Words& words) {
  const auto question = question_of(context, words, Kind::clock);
  if (!question) return std::unexpected(question.error());
  return show(context, *question);
}

Outcome run_readlist(Context& context, const Words& words) { return show_list(context, words, Kind::variables); }
Outcome run_clocklist(Context& context, const Words& words) { return show_list(context, words, Kind::clock); }

Outcome run_mreadvar(Context& context, const Words& words) {
  return show_many(context, words, joined(words, 2), false);
}
Outcome run_mreadlist(Context& context, const Words& words) {
  return show_many(context, words, chosen_names(context), true);
}

Outcome run_writevar(Context& context, const Words& words) { return write(context, words[0], joined(words, 1)); }

Outcome run_writelist(Context& context, const Words& words) {
  if (context.chosen_variables.empty()) return failure("***No variables on list: use addvars");
  std::string assignments;
  for (const client::Variable& variable : context.chosen_variables)
    assignments += fmt::format("{}{}={}", assignments.empty() ? "" : ",", variable.name, variable.value);
  return write(context, words.empty() ? "0" : words[0], assignments);
}

Outcome run_addvars(Context& context, const Words& words) {
  auto& chosen = context.chosen_variables;
  for (client::Variable& variable : client::parse_variables(joined(words, 0))) {
    const auto known = std::ranges::find(chosen, variable.name, &client::Variable::name);
    if (known != chosen.end()) {
      *known = std::move(variable);
      continue;
    }
    if (chosen.size() >= kMostChosen)
      return failure(fmt::format("***The list holds at most {} variables", kMostChosen));
    chosen.push_back(std::move(variable));
  }
  return Done{};
}

Outcome run_rmvars(Context& context, const Words& words) {
  for (const client::Variable& variable : client::parse_variables(joined(words, 0))) {
    const auto gone = std::erase_if(context.chosen_variables,
                                    [&](const client::Variable& known) { return known.name == variable.name; });
    if (gone == 0) return failure("***Variable `" + printable(variable.name) + "' isn't on the list");
  }
  return Done{};
}

Outcome run_clearvars(Context& context, const Words&) {
  context.chosen_variables.clear();
  return Done{};
}

Outcome run_showvars(Context& context, const Words&) {
  if (context.chosen_variables.empty()) return Text{"No variables on list\n"};
  std::string lines;
  for (const client::Variable& variable : context.chosen_variables)
    lines += printable(variable.name) + "=" + printable(variable.value) + "\n";
  return Text{lines};
}

}  // namespace ntp::ntpq
