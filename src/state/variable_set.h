// SPDX-License-Identifier: BSD-2-Clause
//
// Variables of the operator's own (setvar), told by name to whoever queries this host. Who answers a query looks among the
// names that the program knows first: they win.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ntp::state {

class VariableSet {
 public:
  struct Variable {
    std::string name;
    std::string value;
    bool is_default = false;  ///< told also when nobody names it
  };

  /// A later value takes the place of an earlier one.
  void set(Variable variable) {
    const auto found = std::find_if(variables_.begin(), variables_.end(),
                                    [&](const Variable& known) { return known.name == variable.name; });
    if (found == variables_.end())
      variables_.push_back(std::move(variable));
    else
      *found = std::move(variable);
  }
  /// Null if there is none of this name.
  [[nodiscard]] const Variable* find(std::string_view name) const {
    const auto found =
        std::find_if(variables_.begin(), variables_.end(), [&](const Variable& known) { return known.name == name; });
    return found == variables_.end() ? nullptr : &*found;
  }
  /// In the order in which they came up.
  [[nodiscard]] const std::vector<Variable>& all() const { return variables_; }

 private:
  std::vector<Variable> variables_;
};

}  // namespace ntp::state
