// SPDX-License-Identifier: BSD-2-Clause
#include "config/parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "config/arguments.h"
#include "config/commands.h"
#include "config/handlers.h"
#include "config/lexer.h"

namespace ntp::config {
namespace {

constexpr std::size_t kMaxIncludedOctets = std::size_t{64} << 20U;
constexpr std::size_t kMaxFaults = 10'000;  ///< with more, this is no configuration

using Handler = Handled (*)(Arguments&, Config&);

struct HandlerEntry {
  Command command;
  Handler handler;
};
constexpr HandlerEntry kHandlers[] = {
    {Command::server, handle_server},
    {Command::pool, handle_pool},
    {Command::fudge, handle_fudge},
    {Command::restrict, handle_restrict},
    {Command::keys, handle_keys},
    {Command::trustedkey, handle_trustedkey},
    {Command::controlkey, handle_key_id},
    {Command::requestkey, handle_key_id},
    {Command::crypto, handle_crypto},
    {Command::nts, handle_nts},
    {Command::interface, handle_interface},
    {Command::nic, handle_interface},
    {Command::tos, handle_tos},
    {Command::tinker, handle_tinker},
    {Command::driftfile, handle_driftfile},
    {Command::pidfile, handle_pidfile},
    {Command::logfile, handle_logfile},
    {Command::logconfig, handle_logconfig},
    {Command::statsdir, handle_statsdir},
    {Command::statistics, handle_statistics},
    {Command::filegen, handle_filegen},
    {Command::tempcomp, handle_tempcomp},
    {Command::enable, handle_switches},
    {Command::disable, handle_switches},
};

std::string relative_to(const std::string& includer, std::string_view path) {
  const std::size_t slash = includer.rfind('/');
  if (path.starts_with('/') || slash == std::string::npos) return std::string(path);
  return includer.substr(0, slash + 1) + std::string(path);
}

/// How many braces a line leaves open; simulate is the one command whose block spans lines.
int open_braces(const Line& line) {
  int open = 0;
  for (const Token& token : line.tokens) {
    if (token.kind == TokenKind::quoted) continue;
    open += static_cast<int>(std::ranges::count(token.text, '{') - std::ranges::count(token.text, '}'));
  }
  return open;
}

class Parser {
 public:
  Parser(std::string main_file, const IncludeReader& reader) : reader_(reader), main_file_(std::move(main_file)) {}

  void parse_file(std::string_view text, const std::string& filename) {
    if (text.size() > kMaxFileOctets) {
      report_file(filename, fmt::format("the file has {} octets: expected at most {}", text.size(), kMaxFileOctets));
      return;
    }
    if (const auto nul = find_nul(text)) {
      log_.add({filename,
                nul->line,
                nul->column,
                Severity::error,
                "a NUL octet: expected text, the file is not read",
                true,
                {},
                {}});
      return;
    }
    files_.push_back(filename);
    Lexer lexer(text);
    while (const auto line = lexer.next()) {
      if (!parse_line(*line, lexer) || faults_ > kMaxFaults) break;
    }
    files_.pop_back();
  }

  ParseResult finish() && {
    check_fudges();
    return {std::move(config_), std::move(log_).take()};
  }

 private:
  /// False at `end`.
  bool parse_line(const Line& line, Lexer& lexer) {
    const CommandEntry* command = line.tokens.empty() ? nullptr : known_command(line.tokens.front());
    if (line.fault) {
      // Without a readable command nobody knows what the line would have protected.
      const bool refuses = command == nullptr || refuses_when_faulty(command->safety);
      report(line, {.column = line.fault->column, .text = line.fault->text}, refuses);
      return true;
    }
    if (command == nullptr) {
      report_unknown(line);
      return true;
    }
    if (command->command == Command::end && line.tokens.size() == 1) return false;
    if (command->command == Command::simulate) skip_block(line, lexer);

    Arguments arguments(*command, line);
    const Handled handled = run(arguments, line);
    for (Message& note : arguments.notes()) {
      note.file = files_.back();
      log_.add(std::move(note));
    }
    if (!handled) report(line, handled.error(), refuses_when_faulty(command->safety));
    if (handled && pending_include_) include(line, std::exchange(pending_include_, nullptr));
    return true;
  }

  static const CommandEntry* known_command(const Token& token) {
    return token.kind == TokenKind::word ? find_command(token.text) : nullptr;
  }

  Handled run(Arguments& arguments, const Line& line) {
    const CommandEntry& command = arguments.command();
    const auto* entry = std::ranges::find(kHandlers, command.command, &HandlerEntry::command);
    if (entry != std::end(kHandlers)) return entry->handler(arguments, config_);
    if (command.command == Command::includefile) return read_include(arguments);
    if (command.status == Status::works) return arguments.finish();

    const Token& token = line.tokens.front();
    const std::string text = fmt::format("{}: {}", command.name, command.note);
    if (command.status == Status::obsolete) {
      arguments.note(Severity::obsolete, token, text);
    } else if (command.safety == Safety::refuses_start) {
      arguments.note_refusal(token, text);
    } else {
      arguments.note(Severity::unsupported, token, text);
    }
    return {};
  }

  Handled read_include(Arguments& arguments) {
    const auto file = arguments.take("the name of a file");
    if (!file) return std::unexpected(file.error());
    if ((*file)->text.empty())
      return std::unexpected(Arguments::wrong(**file, "includefile: expected the name of a file"));
    if (auto end = arguments.finish(); !end) return end;
    pending_include_ = *file;
    return {};
  }

  void include(const Line& line, const Token* file) {
    const std::string path = relative_to(files_.back(), file->text);
    const auto fail = [&](std::string text) { report(line, Arguments::wrong(*file, std::move(text)), true); };
    if (std::ranges::find(files_, path) != files_.end())
      return fail(fmt::format("includefile {}: this file is being read already", quotable(path)));
    if (files_.size() > kMaxIncludeDepth)
      return fail(fmt::format("includefile {}: expected at most {} files inside one another", quotable(path),
                              kMaxIncludeDepth));
    if (++included_files_ > kMaxIncludedFiles)
      return fail(fmt::format("includefile {}: expected at most {} included files", quotable(path), kMaxIncludedFiles));
    const auto text = reader_ ? reader_(path) : std::unexpected(std::string("no files can be read here"));
    if (!text) return fail(fmt::format("includefile {}: {}", quotable(path), quotable(text.error())));
    included_octets_ += text->size();
    if (included_octets_ > kMaxIncludedOctets)
      return fail(fmt::format("includefile {}: expected at most {} octets in all included files", quotable(path),
                              kMaxIncludedOctets));
    parse_file(*text, path);
  }

  void report_unknown(const Line& line) {
    const Token& token = line.tokens.front();
    const std::vector<std::string_view> names = command_names();
    Fault fault = Arguments::unknown(token, "command", names);
    if (fault.nearest.empty()) fault.text += ": expected a command of ntp.conf";
    // "restirct default ignore" must not leave the door open.
    const CommandEntry* meant = find_command(fault.nearest);
    report(line, fault, meant != nullptr && refuses_when_faulty(meant->safety));
  }

  void report(const Line& line, Fault fault, bool refuses_start) {
    if (++faults_ > kMaxFaults) {
      fault.text = fmt::format("more than {} faulty lines: the rest is not read", kMaxFaults);
      refuses_start = true;
    }
    log_.add({files_.back(), line.number, fault.column, Severity::error, std::move(fault.text), refuses_start,
              std::move(fault.token), std::move(fault.nearest)});
  }

  void report_file(const std::string& filename, std::string text) {
    log_.add({.file = filename, .severity = Severity::error, .text = std::move(text), .refuses_start = true});
  }

  static void skip_block(const Line& line, Lexer& lexer) {
    int open = open_braces(line);
    while (open > 0) {
      const auto next = lexer.next();
      if (!next) return;
      open += open_braces(*next);
    }
  }

  void check_fudges() {
    for (const Fudge& fudge : config_.fudges) {
      const bool is_used =
          std::ranges::any_of(config_.servers, [&](const Server& server) { return server.address == fudge.clock; });
      if (is_used) continue;
      const std::string clock = fudge.clock.text();
      log_.add({.file = main_file_,
                .severity = Severity::warning,
                .text = fmt::format("fudge {} has no effect: there is no line server {}", clock, clock),
                .token = clock});
    }
  }

  const IncludeReader& reader_;
  Config config_;
  MessageLog log_;
  std::string main_file_;
  std::vector<std::string> files_;  ///< being read, outermost first
  const Token* pending_include_ = nullptr;
  std::size_t faults_ = 0;
  int included_files_ = 0;
  std::size_t included_octets_ = 0;
};

}  // namespace

ParseResult parse(std::string_view text, const std::string& filename, const IncludeReader& reader) {
  Parser parser(filename, reader);
  parser.parse_file(text, filename);
  return std::move(parser).finish();
}

}  // namespace ntp::config
