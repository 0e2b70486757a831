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
constexpr std::size_t kMaxUnapplied = 10'000;
constexpr std::string_view kFolderSuffix = ".conf";  ///< as NTPsec has it

using Handler = Handled (*)(Arguments&, Config&);

struct HandlerEntry {
  Command command;
  Handler handler;
};
constexpr HandlerEntry kHandlers[] = {
    {Command::server, handle_server},
    {Command::pool, handle_pool},
    {Command::fudge, handle_fudge},
    {Command::refclock, handle_refclock},
    {Command::restrict, handle_restrict},
    {Command::unrestrict, handle_unrestrict},
    {Command::delrestrict, handle_delrestrict},
    {Command::discard, handle_discard},
    {Command::limit, handle_limit},
    {Command::mru, handle_mru},
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
    {Command::leapfile, handle_leapfile},
    {Command::leapsmearinterval, handle_leapsmearinterval},
    {Command::setvar, handle_setvar},
    {Command::trap, handle_trap},
    {Command::saveconfigdir, handle_saveconfigdir},
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
  Parser(std::string main_file, const IncludeReader& reader, const Folders& folders)
      : reader_(reader), folders_(folders), main_file_(std::move(main_file)) {}

  void build_on(const ParseBase& on) {
    config_ = on.base;
    servers_.resize(config_.servers.size());
    on_ = &on;
  }

  void parse_drop_ins() {
    if (folders_.drop_ins.empty() || !folders_.names) return;
    const auto names = folders_.names(folders_.drop_ins);
    if (names && !*names) return;
    if (const auto read = names ? read_folder(folders_.drop_ins, **names) : std::unexpected(names.error()); !read)
      report_file(folders_.drop_ins, read.error());
  }

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
      is_line_lost_ = false;
      const bool goes_on = parse_line(*line, lexer);
      if (is_line_lost_) keep_unapplied(*line);
      for (const Line& inner : std::exchange(block_, {})) keep_unapplied(inner);
      if (!goes_on || faults_ > kMaxFaults) break;
    }
    files_.pop_back();
  }

  ParseResult finish() && {
    check_fudges();
    return {.config = std::move(config_),
            .messages = std::move(log_).take(),
            .unapplied = std::move(unapplied_),
            .more_unapplied = more_unapplied_,
            .servers = std::move(servers_),
            .resets = std::move(resets_)};
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

    if (on_ != nullptr && on_->refuse)
      if (auto refused = on_->refuse(*command, line, config_)) {
        is_line_lost_ = true;
        log_.add({.file = files_.back(),
                  .line = line.number,
                  .column = refused->column,
                  .severity = Severity::unsupported,
                  .text = std::move(refused->text),
                  .token = std::move(refused->token)});
        return true;
      }
    Arguments arguments(*command, line);
    const Handled handled = run(arguments, line);
    if (config_.servers.size() > servers_.size())
      servers_.push_back({files_.back(), line.number, line.tokens[1].column});
    for (Message& note : arguments.notes()) {
      note.file = files_.back();
      if (note.severity == Severity::unsupported) is_line_lost_ = true;
      log_.add(std::move(note));
    }
    if (!handled) report(line, handled.error(), refuses_when_faulty(command->safety) || handled.error().refuses_start);
    if (handled && pending_include_ != nullptr) include(line, std::exchange(pending_include_, nullptr));
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
    if (command.command == Command::unpeer || command.command == Command::unconfig) return remove(arguments, line);
    if (command.command == Command::reset) return reset(arguments);
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

  Handled remove(Arguments& arguments, const Line& line) {
    const std::vector<Server> before = config_.servers;
    const auto sources = on_ == nullptr ? std::span<const KnownSource>() : on_->sources;
    if (auto removed = remove_association(arguments, config_, sources); !removed) {
      // In a file only lines can be meant, and one that isn't there costs nothing.
      if (on_ != nullptr || line.tokens.size() != 2) return removed;
      arguments.note(Severity::warning, line.tokens[1],
                     fmt::format("{} {}: no line before this one names it: nothing is removed", line.tokens[0].text,
                                 quotable(line.tokens[1].text)));
      return {};
    }
    // The places go with their lines.
    std::vector<Place> places;
    for (std::size_t i = 0, kept = 0; i < before.size() && kept < config_.servers.size(); ++i)
      if (before[i] == config_.servers[kept]) {
        places.push_back(servers_[i]);
        ++kept;
      }
    servers_ = std::move(places);
    return {};
  }

  Handled reset(Arguments& arguments) {
    const auto names = take_resets(arguments);
    if (!names) return std::unexpected(names.error());
    resets_.insert(resets_.end(), names->begin(), names->end());
    return {};
  }

  Handled read_include(Arguments& arguments) {
    const auto file = arguments.take("the name of a file or folder");
    if (!file) return std::unexpected(file.error());
    if ((*file)->text.empty())
      return std::unexpected(Arguments::wrong(**file, "includefile: expected the name of a file or folder"));
    if (auto end = arguments.finish(); !end) return end;
    pending_include_ = *file;
    return {};
  }

  void include(const Line& line, const Token* file) {
    if (const auto read = read_path(relative_to(files_.back(), file->text)); !read) {
      report(line, Arguments::wrong(*file, fmt::format("includefile {}", read.error())), true);
    } else {
      is_line_lost_ = false;  // what stands in the file has been told there
    }
  }

  using Read = std::expected<void, std::string>;

  static Read cannot(const std::string& path, std::string_view why) {
    return std::unexpected(fmt::format("{}: {}", whole(path), why));
  }

  /// A path, or what the system says of one, is told to its end: the end is what tells files apart.
  static std::string whole(std::string_view text) {
    constexpr std::size_t kMost = 4096;
    return escaped(text.substr(0, kMost));
  }

  /// A file, or the files of a folder.
  Read read_path(const std::string& path) {
    if (std::ranges::find(files_, path) != files_.end()) return cannot(path, "this file is being read already");
    if (files_.size() + open_folders_ > kMaxIncludeDepth)
      return cannot(path, fmt::format("expected at most {} files inside one another", kMaxIncludeDepth));
    if (folders_.names) {
      const auto names = folders_.names(path);
      if (!names) return cannot(path, whole(names.error()));
      if (*names) return read_folder(path, **names);
    }
    if (++included_files_ > kMaxIncludedFiles)
      return cannot(path, fmt::format("expected at most {} included files", kMaxIncludedFiles));
    const auto text = reader_ ? reader_(path) : std::unexpected(std::string("no files can be read here"));
    if (!text) return cannot(path, whole(text.error()));
    included_octets_ += text->size();
    if (included_octets_ > kMaxIncludedOctets)
      return cannot(path, fmt::format("expected at most {} octets in all included files", kMaxIncludedOctets));
    parse_file(*text, path);
    return {};
  }

  Read read_folder(const std::string& path, Folders::Names names) {
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(kFolderSuffix); });
    std::ranges::sort(names);
    const std::string folder = path.ends_with('/') ? path : path + '/';
    ++open_folders_;
    Read read;
    for (const std::string& name : names)
      if (read = read_path(folder + name); !read) break;
    --open_folders_;
    return read;
  }

  void keep_unapplied(const Line& line) {
    if (unapplied_.size() == kMaxUnapplied) {
      ++more_unapplied_;
      return;
    }
    std::string_view text = line.text;
    if (text.ends_with('\r')) text.remove_suffix(1);
    unapplied_.push_back({files_.back(), line.number, std::string(text)});
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
    is_line_lost_ = true;
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

  void skip_block(const Line& line, Lexer& lexer) {
    int open = open_braces(line);
    while (open > 0) {
      const auto next = lexer.next();
      if (!next) return;
      block_.push_back(*next);
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
  const Folders& folders_;
  const ParseBase* on_ = nullptr;  ///< null: nothing but the text
  std::vector<std::string_view> resets_;
  Config config_;
  MessageLog log_;
  std::string main_file_;
  std::vector<std::string> files_;  ///< being read, outermost first
  const Token* pending_include_ = nullptr;
  bool is_line_lost_ = false;
  std::vector<Line> block_;  ///< of the simulate line that was just read
  std::vector<UnappliedLine> unapplied_;
  std::size_t more_unapplied_ = 0;
  std::vector<Place> servers_;
  std::size_t faults_ = 0;
  std::size_t open_folders_ = 0;
  int included_files_ = 0;
  std::size_t included_octets_ = 0;
};

}  // namespace

ParseResult parse_more(std::string_view text, const ParseBase& on) {
  const IncludeReader no_reader;
  const Folders no_folders;
  Parser parser("", no_reader, no_folders);
  parser.build_on(on);
  parser.parse_file(text, "");
  return std::move(parser).finish();
}

ParseResult parse(std::string_view text, const std::string& filename, const IncludeReader& reader,
                  const Folders& folders) {
  Parser parser(filename, reader, folders);
  parser.parse_file(text, filename);
  parser.parse_drop_ins();
  return std::move(parser).finish();
}

}  // namespace ntp::config
