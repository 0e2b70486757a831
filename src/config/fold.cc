// SPDX-License-Identifier: BSD-2-Clause
#include "config/fold.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "config/hosts.h"

namespace ntp::config {
namespace {

/// The rule that a line is about, whatever it says of it. The host is the line's own text.
struct RuleName {
  bool is_source = false;
  std::string_view host;
  std::optional<Family> family;
  Address address;
  Address mask;
  bool only_from_ntp_port = false;

  friend bool operator==(const RuleName&, const RuleName&) = default;
};

RuleName name_of(const Restrict& line) {
  return {.is_source = line.is_source,
          .host = line.host,
          .family = line.family,
          .address = line.rule.address,
          .mask = line.rule.mask,
          .only_from_ntp_port = line.rule.only_from_ntp_port};
}

struct RuleNameHash {
  std::size_t operator()(const RuleName& name) const {
    const auto octets = [](const Address& address) {
      const auto& all = address.octets();
      return std::string_view(reinterpret_cast<const char*>(all.data()), all.size());
    };
    const std::hash<std::string_view> text;
    std::size_t hash = text(name.host);
    for (const std::size_t part :
         {text(octets(name.address)), text(octets(name.mask)), std::size_t{name.only_from_ntp_port}})
      hash = hash * 0x9e3779b97f4a7c15U + part;
    return hash;
  }
};

class Folding {
 public:
  /// `most`: of lines that will be folded.
  explicit Folding(std::size_t most) { places_.reserve(most); }

  /// A line whose rule no folded line is about.
  void append(const Restrict& line) {
    if (!line.host.empty()) ++names_;
    lines_.push_back(line);
    is_gone_.push_back(false);
  }

  /// There is never more than one of a rule. `line` outlives this.
  void fold(const Restrict& line) {
    const auto known = places_.find(name_of(line));
    if (known == places_.end()) {
      places_.emplace(name_of(line), lines_.size());
      append(line);
      return;
    }
    Restrict& last = lines_[known->second];
    switch (line.action) {
      case Restrict::Action::add:
        add(known->second, line);
        return;
      case Restrict::Action::remove_flags:
        remove_flags(last, line);
        return;
      case Restrict::Action::remove_rule:
        if (last.action != Restrict::Action::add) return;
        // The rule may also be one that a name has made.
        if (names_ > 0) {
          last = line;
        } else {
          is_gone_[known->second] = true;
          places_.erase(known);
        }
        return;
    }
  }

  [[nodiscard]] std::vector<Restrict> take() && {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (is_gone_[i]) continue;
      if (kept != i) lines_[kept] = std::move(lines_[i]);
      ++kept;
    }
    lines_.resize(kept);
    return std::move(lines_);
  }

 private:
  void add(std::size_t place, const Restrict& line) {
    Restrict& last = lines_[place];
    if (last.action == Restrict::Action::add && !line.is_source) {
      last.rule.flags = last.rule.flags | line.rule.flags;
      if (line.peer_limit) last.peer_limit = line.peer_limit;
      return;
    }
    // Of the template the last line counts; a rule that is written takes nothing from the built-in one.
    is_gone_[place] = true;
    if (!line.host.empty()) --names_;
    places_[name_of(line)] = lines_.size();
    append(line);
  }

  static void remove_flags(Restrict& last, const Restrict& line) {
    if (last.action == Restrict::Action::add)
      last.rule.flags = without(last.rule.flags, line.rule.flags);
    else if (last.action == Restrict::Action::remove_flags)
      last.rule.flags = last.rule.flags | line.rule.flags;
    else
      last = line;
  }

  std::vector<Restrict> lines_;
  std::vector<bool> is_gone_;
  std::unordered_map<RuleName, std::size_t, RuleNameHash> places_;  ///< of lines that were folded
  std::size_t names_ = 0;                                           ///< lines about a host's name
};

}  // namespace

std::vector<Restrict> folded(std::span<const Restrict> lines) {
  Folding folding(lines.size());
  for (const Restrict& line : lines) folding.fold(line);
  return std::move(folding).take();
}

std::vector<Restrict> folded_onto(const std::vector<Restrict>& lines, std::span<const Restrict> added) {
  std::unordered_set<RuleName, RuleNameHash> touched;
  for (const Restrict& line : added) touched.insert(name_of(line));
  Folding before(added.size());
  for (const Restrict& line : lines) {
    if (touched.contains(name_of(line)))
      before.fold(line);
    else
      before.append(line);
  }
  Folding after = before;
  for (const Restrict& line : added) after.fold(line);
  std::vector<Restrict> next = std::move(after).take();
  return next == std::move(before).take() ? lines : next;
}

}  // namespace ntp::config
