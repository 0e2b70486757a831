// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/options.h"

#include <charconv>
#include <utility>

#include <getopt.h>

#include <fmt/format.h>

#include "config/parser.h"
#include "daemon/interface_rules.h"

namespace ntp::daemon {
namespace {

// NOLINTBEGIN(performance-enum-size,readability-identifier-naming): constants of type int, as getopt_long() returns them
enum LongOption : int {
  kCheckConfig = 1000,
  kJson,
  kWorkers,
  kLive,
  kNoSetClock,
  kLocal,
  kAnyPort,
  kStatusFile,
  kDefaultConfig,
  kPrintDefaults,
  kSaveConfig,
};
// NOLINTEND(performance-enum-size,readability-identifier-naming)

// The classic's short options (the colon in front: a missing argument is told apart); those without a letter of ours in the switch below are named as not served.
constexpr const char* kShortOptions = ":46aAbc:dD:f:gGi:I:k:l:LmM:nNp:P:qr:s:t:u:U:v:V:w:xh?";

const option kLongOptions[] = {
    {"ipv4", no_argument, nullptr, '4'},
    {"ipv6", no_argument, nullptr, '6'},
    {"configfile", required_argument, nullptr, 'c'},
    {"driftfile", required_argument, nullptr, 'f'},
    {"panicgate", no_argument, nullptr, 'g'},
    {"force_step_once", no_argument, nullptr, 'G'},
    {"jaildir", required_argument, nullptr, 'i'},
    {"interface", required_argument, nullptr, 'I'},
    {"keyfile", required_argument, nullptr, 'k'},
    {"logfile", required_argument, nullptr, 'l'},
    {"nofork", no_argument, nullptr, 'n'},
    {"nice", no_argument, nullptr, 'N'},
    {"pidfile", required_argument, nullptr, 'p'},
    {"quit", no_argument, nullptr, 'q'},
    {"statsdir", required_argument, nullptr, 's'},
    {"trustedkey", required_argument, nullptr, 't'},
    {"user", required_argument, nullptr, 'u'},
    {"updateinterval", required_argument, nullptr, 'U'},
    {"var", required_argument, nullptr, 'v'},
    {"dvar", required_argument, nullptr, 'V'},
    {"slew", no_argument, nullptr, 'x'},
    {"debug", no_argument, nullptr, 'd'},
    {"set-debug-level", required_argument, nullptr, 'D'},
    {"wait-sync", required_argument, nullptr, 'w'},
    {"help", no_argument, nullptr, 'h'},
    {"version", no_argument, nullptr, '!'},
    {"check-config", no_argument, nullptr, kCheckConfig},
    {"json", no_argument, nullptr, kJson},
    {"workers", required_argument, nullptr, kWorkers},
    {"live", no_argument, nullptr, kLive},
    {"no-set-clock", no_argument, nullptr, kNoSetClock},
    {"local", no_argument, nullptr, kLocal},
    {"any-port", no_argument, nullptr, kAnyPort},
    {"status-file", required_argument, nullptr, kStatusFile},
    {"default-config", no_argument, nullptr, kDefaultConfig},
    {"print-default-config", no_argument, nullptr, kPrintDefaults},
    {"saveconfigquit", required_argument, nullptr, kSaveConfig},
    {nullptr, 0, nullptr, 0},
};

/// Of keys in a file.
constexpr int kMaxKeyId = 65535;

struct UnservedOption {
  char letter;
  const char* cost;
};
constexpr UnservedOption kUnserved[] = {
    {'a', "authentication is not part of this version"},
    {'A', "unsolicited packets are never believed, so there is nothing to switch off"},
    {'b', "broadcast mode is not part of this version"},
    {'L', "virtual interfaces are served like others; use interface lines"},
    {'m', "multicast DNS is not announced"},
    {'M', "has a meaning on Windows only"},
    {'P', "no real-time priority is set; -N raises the ordinary one"},
    {'r', "broadcast mode is not part of this version"},
    {'w', "the parent does not wait for synchronisation"},
};

std::expected<int, std::string> number(const char* option_name, const char* text, int least, int most) {
  int value = 0;
  const std::string_view view(text);
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), value);
  if (error != std::errc() || end != view.data() + view.size() || value < least || value > most)
    return std::unexpected(fmt::format("{} {}: expected a number from {} to {}", option_name, text, least, most));
  return value;
}

/// Options that take no number. True if the letter was one of them.
bool apply_plain(Options& options, int letter) {
  switch (letter) {
    case '4':
      options.only_ipv4 = true;
      return true;
    case '6':
      options.only_ipv6 = true;
      return true;
    case 'c':
      options.config_file = optarg;
      options.is_config_file_named = true;
      return true;
    case 'd':
      ++options.debug_level;
      options.stays_in_foreground = true;
      return true;
    case 'f':
      options.drift_file = optarg;
      return true;
    case 'g':
      options.lifts_panic_once = true;
      return true;
    case 'G':
      options.steps_once = true;
      return true;
    case 's':
      options.statistics_folder = optarg;
      return true;
    case 'i':
      options.jail = optarg;
      return true;
    case 'k':
      options.key_file = optarg;
      return true;
    case 'l':
      options.log_file = optarg;
      return true;
    case 'n':
      options.stays_in_foreground = true;
      return true;
    case 'N':
      options.raises_priority = true;
      return true;
    case 'p':
      options.pid_file = optarg;
      return true;
    case 'q':
      options.quits_after_set = options.stays_in_foreground = true;
      return true;
    case 'u':
      options.user = optarg;
      return true;
    case 'x':
      options.slews = true;
      return true;
    case 'h':
      options.task = Options::Task::show_help;
      return true;
    case '!':
      options.task = Options::Task::show_version;
      return true;
    case kCheckConfig:
      options.task = Options::Task::check_config;
      return true;
    case kPrintDefaults:
      options.task = Options::Task::print_defaults;
      return true;
    case kSaveConfig:
      options.task = Options::Task::save_config;
      options.save_file = optarg;
      return true;
    case kJson:
      options.checks_as_json = true;
      return true;
    case kLive:
      options.shows_live_table = options.stays_in_foreground = true;
      return true;
    case kNoSetClock:
      options.sets_clock = false;
      return true;
    case kLocal:
      options.serves_local_clock = options.uses_default_config = true;
      return true;
    case kAnyPort:
      options.takes_any_port = true;
      return true;
    case kStatusFile:
      options.status_file = optarg;
      return true;
    case kDefaultConfig:
      options.uses_default_config = true;
      return true;
    default:
      return false;
  }
}

/// "NAME=VALUE" as a setvar line would have it, which judges name and value.
std::expected<config::SetVariable, std::string> variable_of_option(std::string_view text, bool is_default) {
  const char* const name = is_default ? "-V" : "-v";
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || text.find_first_of("\"\n\r") != std::string_view::npos)
    return std::unexpected(
        fmt::format("{} {}: expected NAME=VALUE, in one line and without quotation marks", name, text));
  const config::ParseResult parsed =
      config::parse(fmt::format("setvar {}=\"{}\"\n", text.substr(0, equals), text.substr(equals + 1)), name, {});
  if (parsed.config.variables.size() != 1 || !config::is_clean(parsed.messages))
    return std::unexpected(fmt::format("{} {}: {}", name, text,
                                       parsed.messages.empty() ? "expected NAME=VALUE" : parsed.messages[0].text));
  config::SetVariable variable = parsed.config.variables[0];
  variable.is_default = is_default;
  return variable;
}

/// Options whose argument can be wrong.
std::expected<void, std::string> apply_checked(Options& options, int letter) {
  std::expected<int, std::string> value = 0;
  switch (letter) {
    case 'D':
      value = number("-D", optarg, 0, 100);
      if (value) options.debug_level = *value;
      options.stays_in_foreground = true;
      break;
    case 'U':
      value = number("-U", optarg, 0, 86400);
      if (value) options.update_interval_s = *value;
      break;
    case 'I': {
      auto rule = rule_of_option(optarg);
      if (!rule) return std::unexpected(rule.error());
      options.interfaces.push_back(std::move(*rule));
      break;
    }
    case 'v':
    case 'V': {
      auto variable = variable_of_option(optarg, letter == 'V');
      if (!variable) return std::unexpected(variable.error());
      options.variables.push_back(std::move(*variable));
      break;
    }
    case 't':
      value = number("-t", optarg, 1, kMaxKeyId);
      if (value) options.trusted_keys.push_back(static_cast<std::uint32_t>(*value));
      break;
    case kWorkers:
      value = number("--workers", optarg, 0, 256);
      if (value) options.workers = *value;
      break;
    default:
      break;
  }
  if (!value) return std::unexpected(value.error());
  return {};
}

bool note_unserved(Options& options, int letter) {
  for (const UnservedOption& unserved : kUnserved) {
    if (unserved.letter != letter) continue;
    options.notices.push_back(fmt::format("option -{}: {}", unserved.letter, unserved.cost));
    return true;
  }
  return false;
}

/// What is wrong with `word`, of which getopt_long refused the letter optopt (0: a long option that nobody knows).
std::string wrong_option(const std::string& word, bool lacks_argument) {
  const bool is_long = word.starts_with("--");
  const bool is_letter = !is_long && optopt > 0 && optopt < kCheckConfig;
  const std::string name = is_letter ? fmt::format("-{}", static_cast<char>(optopt)) : word.substr(0, word.find('='));
  if (lacks_argument) return fmt::format("option '{}' needs an argument; 'ntpd --help' tells which", name);
  if (is_long && optopt != 0) return fmt::format("option '{}' takes no argument", name);
  return fmt::format("'{}' is no option of ntpd, or not one alone; 'ntpd --help' lists them", name);
}

}  // namespace

std::expected<Options, std::string> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  std::vector<char*> argv;
  std::vector<std::string> copies = arguments;
  argv.reserve(copies.size() + 1);
  for (std::string& copy : copies) argv.push_back(copy.data());
  argv.push_back(nullptr);

  const int argc = static_cast<int>(copies.size());
  optind = 0;  // glibc: start afresh
  opterr = 0;
  for (int letter = 0; (letter = getopt_long(argc, argv.data(), kShortOptions, kLongOptions, nullptr)) != -1;) {
    if (letter == '?' || letter == ':') {
      // getopt_long has moved this word, and it may hold several letters.
      const std::string word = argv.at(static_cast<std::size_t>(optind) - 1);
      if (word == "-?") {
        options.task = Options::Task::show_help;
        continue;
      }
      return std::unexpected(wrong_option(word, letter == ':'));
    }
    if (apply_plain(options, letter) || note_unserved(options, letter)) continue;
    if (const auto applied = apply_checked(options, letter); !applied) return std::unexpected(applied.error());
  }
  for (int i = optind; i < argc; ++i) options.servers.emplace_back(argv[static_cast<std::size_t>(i)]);
  if (options.checks_as_json && options.task != Options::Task::check_config)
    return std::unexpected("--json belongs to --check-config");
  if (options.quits_after_set && !options.sets_clock)
    return std::unexpected("-q sets the clock and --no-set-clock leaves it alone: they exclude each other");
  if (options.only_ipv4 && options.only_ipv6) return std::unexpected("-4 and -6 exclude each other");
  return options;
}

std::string version_text() { return fmt::format("Meridian ntpd {}\n", MERIDIAN_VERSION); }

std::string help_text() {
  return R"(ntpd: keeps this computer's clock right and serves time (NTP, RFC 5905)

usage: ntpd [options] [server ...]
  Servers named here are used besides those of the configuration, with iburst.

First steps
  ntpd -n -d                     in the foreground, saying what it does
  ntpd --live --no-set-clock     a live table of the sources; the clock is left alone
  ntpd -gq                       set the clock once, however wrong it is, and quit
  ntpd --check-config            say what is wrong with /etc/ntp.conf (status 1 if anything is)

Configuration
  -c, --configfile FILE    configuration (/etc/ntp.conf; without that file the embedded default: pool servers);
                           the files *.conf of the folder ntp.d beside it are read after it
      --default-config     the embedded default, whatever stands in /etc
      --print-default-config  print it and quit
      --local              serve this machine's own clock as it is, stratum 10: for a lab without network
      --check-config [--json]  check the configuration and quit
      --saveconfigquit FILE  write the configuration as it is understood to FILE (-: standard output) and quit
  -4, --ipv4, -6, --ipv6   look names up as IPv4 (IPv6) addresses alone
  -I, --interface NAME     serve on this interface or address alone (also: interface lines)

The clock
  -g, --panicgate          the first correction may exceed the panic threshold (1000 s)
  -G, --force_step_once    the first correction is a step, however small
  -q, --quit               set the clock once and quit
  -x, --slew               slew up to 600 s instead of stepping beyond 0.128 s
      --no-set-clock       measure and serve, never touch the clock (so also without CAP_SYS_TIME)
  -f, --driftfile FILE     where the frequency is kept between runs (else the driftfile line; else
                           /var/lib/ntp/ntp.drift, if that folder is there and may be written to)

The process
  -n, --nofork             stay in the foreground
  -d, --debug, -D, --set-debug-level LEVEL
                           debug: stay in the foreground and say more
      --live               stay in the foreground and show a live table
  -k, --keyfile FILE       read symmetric keys from FILE, too (as a keys line after all others)
  -t, --trustedkey ID      this key is trusted (as a trustedkey line; as often as needed)
  -v, --var NAME=VALUE     a system variable of one's own (as a setvar line after all others)
  -V, --dvar NAME=VALUE    the same, and it is told to queries that name no variable
  -l, --logfile FILE       log to FILE, 'stderr' or 'syslog' (else the logfile line; else standard error in the
                           foreground, syslog in the background)
  -s, --statsdir FOLDER    write statistics files below FOLDER (else the statsdir line)
  -p, --pidfile FILE       write the process id to FILE (else the pidfile line)
      --status-file FILE   write the state as JSON to FILE every second
  -u, --user USER[:GROUP]  run as this user (else ntp, else ntpsec), keeping only the rights to set the
                           clock and to bind port 123
  -i, --jaildir FOLDER     change the root folder
  -N, --nice               raise the process's priority
  -U, --updateinterval S   look for new addresses every S seconds where the kernel doesn't tell (300; 0: never)
      --workers N          threads that answer clients besides the main one (0)
      --any-port           take a free port where 123 is taken or not permitted
      --version, -h, -?, --help

Taken as they come with the classic, without effect in this version, and named in the log with what that costs:
  -a -A -b -L -m -M -P PRIORITY -r DELAY -w SECONDS
  --wait-sync

Signals: HUP reads the configuration again (what stays the same keeps its measurements; if anything is wrong with it the
old one stays), reopens log and statistics files and tries failed names again; TERM and INT save the drift file and end.
)";
}

}  // namespace ntp::daemon
