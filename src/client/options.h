// SPDX-License-Identifier: BSD-2-Clause
//
// Command lines of the tools. Each tool has one table (src/tools/NAME/options.def) that makes its parser, its --help, and, by
// tests/manual/tool_doc.py, the options in its manual page and its completions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::client {

/// One row: NTP_TOOL_OPTION('n', "numeric", "", "print addresses, not names").
struct Option {
  char letter = 0;         ///< 0: it has none
  const char* name = "";   ///< without the dashes; "": it has none
  const char* value = "";  ///< what its value is called in --help ("FILE"); "": it takes none
  const char* meaning = "";
};

struct Tool {
  const char* name = "";     ///< "ntpq"
  const char* usage = "";    ///< "[options] [HOST...]"
  const char* purpose = "";  ///< one sentence
  const char* notes = "";    ///< what --help says after the options: examples, exit codes
  std::span<const Option> options;
};

/// What was given, in its order. Letters may be joined (-pn), a value may follow in the same word (-c as, -cas, --command=as)
/// or the next, long names may be cut as long as they are clear, "--" ends the options, options may follow arguments.
class Arguments {
 public:
  /// Every tool takes --help (-?) and --version besides its table. An error is a whole message for the user.
  static std::expected<Arguments, std::string> parse(const Tool& tool, std::span<const std::string> words);

  /// How often the option was given. `name`: its long name, or its letter if it has none.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return count(name) != 0; }
  /// The last value.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  /// Options (by name) with their values, in the order of the command line: where the order matters (-c, -p).
  struct Given {
    std::string name;
    std::string value;
    std::string word;  ///< as it was written ("-c", "--comm"), for messages
  };
  [[nodiscard]] const std::vector<Given>& given() const { return given_; }
  [[nodiscard]] const std::vector<std::string>& rest() const { return rest_; }
  [[nodiscard]] bool wants_help() const { return wants_help_; }
  [[nodiscard]] bool wants_version() const { return wants_version_; }

  /// The value as a number within limits, `otherwise` if it was not given; an error names option, value and limits.
  [[nodiscard]] std::expected<double, std::string> number(std::string_view name, double otherwise, double least,
                                                          double most) const;
  /// The same for a whole number.
  [[nodiscard]] std::expected<std::int64_t, std::string> whole(std::string_view name, std::int64_t otherwise,
                                                               std::int64_t least, std::int64_t most) const;

 private:
  friend class ArgumentReader;
  std::vector<Given> given_;
  std::vector<std::string> rest_;
  bool wants_help_ = false;
  bool wants_version_ = false;
};

[[nodiscard]] std::string help_text(const Tool& tool);
/// "ntpq meridian 0.1.0"
[[nodiscard]] std::string version_text(const Tool& tool);

/// What every tool's main() does: reads the command line, answers --help and --version, prints what is wrong with the words
/// on standard error ("NAME: ...") and gives `wrong_use` then, else what `work` gives. An exception of a library ends with
/// its text and `wrong_use`.
int run_tool(const Tool& tool, int argc, const char* const* argv, int wrong_use,
             const std::function<int(const Arguments&)>& work);

}  // namespace ntp::client
