// SPDX-License-Identifier: BSD-2-Clause
#include "client/options.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ntp::client {

/// Reads the words of one command line, from left to right.
class ArgumentReader {
 public:
  ArgumentReader(const Tool& tool, std::span<const std::string> words) : tool_(tool), words_(words) {}

  std::expected<Arguments, std::string> read() {
    while (next_ < words_.size() && mistake_.empty()) {
      const std::string& word = words_[next_++];
      if (word == "--") {
        out_.rest_.insert(out_.rest_.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_), words_.end());
        break;
      }
      if (word.starts_with("--"))
        read_long(word);
      else if (word.size() > 1 && word.starts_with('-'))
        read_letters(word);
      else
        out_.rest_.push_back(word);
    }
    if (!mistake_.empty()) return std::unexpected(mistake_);
    return std::move(out_);
  }

 private:
  struct Match {
    bool is_help = false;
    bool is_version = false;
    const Option* option = nullptr;
    std::string_view name;
  };

  void take(const Option& option, std::string value, std::string word) {
    const std::string name = *option.name != '\0' ? option.name : std::string(1, option.letter);
    out_.given_.push_back({.name = name, .value = std::move(value), .word = std::move(word)});
  }

  void read_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size() && mistake_.empty(); ++i) {
      const std::string as_written{'-', word[i]};
      const auto found = std::ranges::find(tool_.options, word[i], &Option::letter);
      if (found == tool_.options.end()) {
        if (word[i] != '?') return refuse(as_written);
        out_.wants_help_ = true;
        continue;
      }
      if (*found->value == '\0') {
        take(*found, "", as_written);
        continue;
      }
      if (i + 1 < word.size()) return take(*found, word.substr(i + 1), as_written);
      return take_next(*found, as_written);
    }
  }

  void read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const std::string as_written = word.substr(0, equals);
    const std::vector<Match> found = matches(name);
    if (found.empty()) return refuse(as_written);
    if (found.size() > 1) {
      std::vector<std::string> names;
      for (const Match& one : found) names.push_back(fmt::format("--{}", one.name));
      mistake_ = fmt::format("option '{}' may mean {}", as_written, fmt::join(names, " or "));
      return;
    }
    const Option* const option = found.front().option;
    const bool takes_value = option != nullptr && *option->value != '\0';
    if (!takes_value && equals != std::string::npos) {
      mistake_ = fmt::format("option '{}' takes no argument", as_written);
    } else if (option == nullptr) {
      out_.wants_help_ |= found.front().is_help;
      out_.wants_version_ |= found.front().is_version;
    } else if (!takes_value) {
      take(*option, "", as_written);
    } else if (equals != std::string::npos) {
      take(*option, word.substr(equals + 1), as_written);
    } else {
      take_next(*option, as_written);
    }
  }

  void take_next(const Option& option, const std::string& as_written) {
    if (next_ < words_.size()) return take(option, words_[next_++], as_written);
    mistake_ = fmt::format("option '{}' needs an argument ({})", as_written, option.value);
  }

  /// The options that a long name may mean: the one that is called so, else all that begin so.
  [[nodiscard]] std::vector<Match> matches(std::string_view name) const {
    std::vector<Match> found;
    if (name.empty()) return found;
    std::vector<Match> all{{.is_help = true, .name = "help"}, {.is_version = true, .name = "version"}};
    for (const Option& option : tool_.options)
      if (*option.name != '\0') all.push_back({.option = &option, .name = option.name});
    for (const Match& one : all) {
      if (one.name == name) return {one};
      if (one.name.starts_with(name)) found.push_back(one);
    }
    return found;
  }

  void refuse(const std::string& as_written) {
    mistake_ = fmt::format("'{}' is no option of {}; '{} --help' lists them", as_written, tool_.name, tool_.name);
  }

  const Tool& tool_;
  std::span<const std::string> words_;
  std::size_t next_ = 0;
  Arguments out_;
  std::string mistake_;
};

std::expected<Arguments, std::string> Arguments::parse(const Tool& tool, std::span<const std::string> words) {
  return ArgumentReader(tool, words).read();
}

std::size_t Arguments::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count(given_, name, &Given::name));
}

std::optional<std::string> Arguments::value(std::string_view name) const {
  const auto found = std::find_if(given_.rbegin(), given_.rend(), [&](const Given& one) { return one.name == name; });
  if (found == given_.rend()) return std::nullopt;
  return found->value;
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  std::vector<std::string> found;
  for (const Given& one : given_)
    if (one.name == name) found.push_back(one.value);
  return found;
}

namespace {

/// The last value of `name` as a number of type T within limits.
template <class T>
std::expected<T, std::string> number_of(const std::vector<Arguments::Given>& given, std::string_view name, T otherwise,
                                        T least, T most) {
  const auto found = std::find_if(given.rbegin(), given.rend(), [&](const auto& one) { return one.name == name; });
  if (found == given.rend()) return otherwise;
  const std::string& text = found->value;
  const char* const first = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* const last = text.data() + text.size();
  T value{};
  const auto [end, error] = std::from_chars(first, last, value);
  // "nan" fails the comparison.
  if (error == std::errc() && end == last && value >= least && value <= most) return value;
  const std::string_view kind = std::is_integral_v<T> ? "whole number" : "number";
  return std::unexpected(fmt::format("{} {}: expected a {} from {} to {}", found->word, text, kind, least, most));
}

constexpr std::size_t kWidth = 100;
constexpr std::size_t kMeaningColumn = 27;

/// `text` behind what `line` holds already, broken between words.
void append_wrapped(std::string& out, std::string line, std::string_view text) {
  const std::string indent(kMeaningColumn, ' ');
  if (line.size() + 2 > kMeaningColumn) {
    out += line + "\n";
    line.clear();
  }
  line.resize(kMeaningColumn, ' ');
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool is_first = line.size() <= kMeaningColumn;
    if (!is_first && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line = indent;
    } else if (!is_first) {
      line += ' ';
    }
    line += word;
  }
  out += line + "\n";
}

std::string words_of(const Option& option) {
  std::string words = option.letter != 0 ? fmt::format("  -{}", option.letter) : "    ";
  if (*option.name != '\0') words += fmt::format("{}--{}", option.letter != 0 ? ", " : "  ", option.name);
  if (*option.value != '\0') words += fmt::format(" {}", option.value);
  return words;
}

}  // namespace

std::expected<double, std::string> Arguments::number(std::string_view name, double otherwise, double least,
                                                     double most) const {
  return number_of(given_, name, otherwise, least, most);
}

std::expected<std::int64_t, std::string> Arguments::whole(std::string_view name, std::int64_t otherwise,
                                                          std::int64_t least, std::int64_t most) const {
  return number_of(given_, name, otherwise, least, most);
}

std::string help_text(const Tool& tool) {
  std::string text = fmt::format("{}: {}\n\nusage: {} {}\n\n", tool.name, tool.purpose, tool.name, tool.usage);
  for (const Option& option : tool.options) append_wrapped(text, words_of(option), option.meaning);
  const bool has_question_mark = std::ranges::find(tool.options, '?', &Option::letter) != tool.options.end();
  append_wrapped(text, has_question_mark ? "      --help" : "  -?, --help", "print this");
  append_wrapped(text, "      --version", "print the version");
  if (*tool.notes != '\0') text += fmt::format("\n{}", tool.notes);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

std::string version_text(const Tool& tool) { return fmt::format("{} meridian {}\n", tool.name, MERIDIAN_VERSION); }

namespace {

/// A closed standard stream: its number goes to no socket, which then would get what is printed.
void occupy_standard_streams() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    // Open the other way round, so that what is printed still fails; the lowest free number is this one.
    const int file = ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (file > STDERR_FILENO) static_cast<void>(::close(file));
  }
}

/// The exit status when all output has been handed over, `lost` if some of it got nowhere.
int finish(const Tool& tool, int status, int lost) {
  errno = 0;
  std::cout.flush();
  const bool is_flushed = std::fflush(stdout) == 0;
  const int reason = errno;
  if (is_flushed && std::cout.good() && std::ferror(stdout) == 0) return status;
  if (reason != EPIPE)  // who closes a pipe has read enough
    std::cerr << tool.name << ": standard output can't be written"
              << (reason != 0 ? ": " + std::generic_category().message(reason) : std::string()) << '\n';
  return status != 0 ? status : lost;
}

}  // namespace

int run_tool(const Tool& tool, int argc, const char* const* argv, int wrong_use,
             const std::function<int(const Arguments&)>& work) {
  occupy_standard_streams();
  try {
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    const auto arguments = Arguments::parse(tool, words);
    if (!arguments) {
      std::cerr << tool.name << ": " << arguments.error() << '\n';
      return wrong_use;
    }
    if (arguments->wants_help() || arguments->wants_version()) {
      std::cout << (arguments->wants_help() ? help_text(tool) : version_text(tool)) << std::flush;
      return finish(tool, 0, wrong_use);
    }
    return finish(tool, work(*arguments), wrong_use);
  } catch (const std::exception& error) {
    std::cerr << tool.name << ": " << error.what() << '\n';
    return wrong_use;
  }
}

}  // namespace ntp::client
