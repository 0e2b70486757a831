// SPDX-License-Identifier: BSD-2-Clause
//
// ntpq: asks NTP servers what they know, with control messages (mode 6).
#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/control_session.h"
#include "client/credentials.h"
#include "client/hosts.h"
#include "client/options.h"
#include "client/prompt.h"
#include "tools/ntpq/commands.h"
#include "tools/ntpq/execute.h"
#include "tools/ntpq/watch.h"

namespace {

using namespace ntp;

constexpr int kBadUse = 1;

volatile std::sig_atomic_t interrupted = 0;

// clang-format off
#define NTP_TOOL_OPTION(letter, name, value, meaning) client::Option{letter, name, value, meaning},
constexpr std::array kOptions{
#include "tools/ntpq/options.def"
};
#undef NTP_TOOL_OPTION
// clang-format on

constexpr client::Tool kTool{
    .name = "ntpq",
    .usage = "[options] [HOST[:PORT]...]",
    .purpose = "asks NTP servers about their state, and changes it; HOST is localhost if none is given.",
    .notes =
        "Without -c and -p, commands are read from standard input; 'help' lists them.\n"
        "Exit status: 0; 1 if the command line is wrong, no host could be found, or, with --json, a command failed.\n",
    .options = kOptions,
};

void print(std::FILE* file, std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), file));
}

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = 1; };
  static_cast<void>(::sigaction(SIGINT, &action, nullptr));
}

Timestamp system_time() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  constexpr std::uint64_t kSecondsTo1970 = 2208988800;
  const auto seconds = static_cast<std::uint32_t>(static_cast<std::uint64_t>(now.tv_sec) + kSecondsTo1970);
  return Timestamp::from_parts(seconds, 0) + Span::from_nanoseconds(now.tv_nsec);
}

double uptime_s() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

ntpq::World real_world() {
  return {.connect =
              [](const Endpoint& server, const client::ControlOptions& options) {
                return client::ControlSession::open(server, options, &interrupted);
              },
          .now = system_time,
          .name_of = client::name_of,
          .ask_line = client::ask_line,
          .ask_hidden = client::ask_hidden,
          .tell = [](std::string_view text) { print(stderr, text); },
          .interrupt = &interrupted,
          .uptime_s = uptime_s};
}

/// False: a message was printed.
bool apply(const client::Arguments& arguments, ntpq::Settings& settings) {
  settings.shows_names = !arguments.has("numeric");
  settings.is_wide = arguments.has("wide");
  settings.has_old_status = arguments.has("old-rv");
  settings.is_json = arguments.has("json");
  if (arguments.has("ipv4")) settings.family = Family::ipv4;
  if (arguments.has("ipv6")) settings.family = Family::ipv6;
  settings.keys_files = client::usual_keys_files();
  if (const auto path = arguments.value("keyfile")) {
    settings.keys_files = {*path};
    settings.has_own_keys_file = true;
  }
  constexpr std::int64_t kMostDebugging = 10;
  const auto debugging =
      arguments.whole("set-debug-level", static_cast<std::int64_t>(arguments.count("debug-level")), 0, kMostDebugging);
  if (!debugging) {
    print(stderr, "ntpq: " + debugging.error() + "\n");
    return false;
  }
  settings.debug_level = static_cast<int>(*debugging);
  if (const auto form = arguments.value("refid")) {
    if (*form != "hash" && *form != "ipv4") {
      print(stderr, "ntpq: --refid: expected hash or ipv4, not '" + client::printable(*form) + "'\n");
      return false;
    }
    settings.refid = *form == "hash" ? ntpq::RefidDisplay::hash : ntpq::RefidDisplay::ipv4;
  }
  if (const auto word = arguments.value("authentication")) {
    const auto id = client::parse_key_id(*word);
    if (!id) {
      print(stderr, "ntpq: --authentication: " + client::printable(id.error()) + "\n");
      return false;
    }
    settings.key_id = *id;
  }
  return true;
}

std::vector<std::string> commands_of(const client::Arguments& arguments) {
  std::vector<std::string> lines;
  for (const auto& given : arguments.given()) {
    if (given.name == "command") lines.push_back(given.value);
    if (given.name == "peers") lines.emplace_back("peers");
  }
  return lines;
}

ntpq::Ended read_commands(ntpq::Context& context, const ntpq::Streams& streams) {
  client::Prompt prompt("ntpq", ntpq::complete, &interrupted);
  ntpq::Ended ended = ntpq::Ended::well;
  while (!context.has_ended) {
    interrupted = 0;
    const auto line = prompt.read("ntpq> ");
    if (!line) break;
    if (ntpq::execute(context, *line, streams) == ntpq::Ended::badly) ended = ntpq::Ended::badly;
  }
  return ended;
}

int complain(const std::string& text) {
  print(stderr, "ntpq: " + text + "\n");
  return kBadUse;
}

int watch(const client::Arguments& arguments, ntpq::Context& context) {
  for (const char* other : {"command", "peers", "interactive", "json"})
    if (arguments.has(other)) return complain(fmt::format("--watch and --{} don't go together", other));
  if (arguments.rest().size() > 1) return complain("--watch takes one host");
  const std::string name = arguments.rest().empty() ? "localhost" : arguments.rest().front();
  if (const auto chosen = context.choose_host(name, context.settings.family); !chosen) return complain(chosen.error());
  if (context.settings.key_id) {
    if (const auto key = context.need_key(); !key) return complain(key.error().text);
  }
  const client::ControlOptions patient = context.settings.control;
  if (context.host()->endpoints.size() > 1) {
    // Of a name with several addresses the first that answers is watched: "localhost" may be one that nobody listens on.
    context.settings.control.timeout_s = 1;
    context.settings.control.retries = 0;
    static_cast<void>(context.try_ask({.opcode = wire::ControlOpcode::read_status}));
    context.settings.control = patient;
  }
  return ntpq::watch({.host = client::printable(name),
                      .server = {.endpoint = context.host()->endpoints.front(),
                                 .options = context.settings.control,
                                 .credentials = context.credentials()},
                      .shows_names = context.settings.shows_names});
}

int work(const client::Arguments& arguments) {
  ntpq::Context context(real_world());
  if (!apply(arguments, context.settings)) return kBadUse;
  if (arguments.has("watch")) return watch(arguments, context);
  catch_interrupts();
  const ntpq::Streams streams{.out =
                                  [](std::string_view text) {
                                    print(stdout, text);
                                    std::fflush(stdout);
                                  },
                              .error = [](std::string_view text) { print(stderr, text); }};
  std::vector<std::string> hosts = arguments.rest();
  if (hosts.empty()) hosts.emplace_back("localhost");
  const std::vector<std::string> lines = commands_of(arguments);
  ntpq::Ended ended = execute_all(context, hosts, lines, streams);
  if (!context.host()) return kBadUse;
  if (lines.empty() || arguments.has("interactive")) ended = read_commands(context, streams);
  return context.settings.is_json && ended == ntpq::Ended::badly ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) { return client::run_tool(kTool, argc, argv, kBadUse, work); }
