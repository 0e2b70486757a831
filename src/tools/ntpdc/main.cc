// SPDX-License-Identifier: BSD-2-Clause
//
// ntpdc: asks and changes a daemon with private messages (mode 7).
#include <array>
#include <csignal>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "client/options.h"
#include "client/private_session.h"
#include "client/prompt.h"
#include "tools/ntpdc/commands.h"
#include "tools/ntpdc/console.h"

namespace {

using namespace ntp;
using namespace ntp::tools::ntpdc;

constexpr std::array kOptions{
#define NTP_TOOL_OPTION(letter, name, value, meaning) client::Option{letter, name, value, meaning},
#include "tools/ntpdc/options.def"
#undef NTP_TOOL_OPTION
};

constexpr client::Tool kTool{
    .name = "ntpdc",
    .usage = "[options] [HOST...]",
    .purpose = "asks a daemon that has \"enable mode7\" for its state, and changes it.",
    .notes =
        R"(Without -c, -l, -p or -s commands come from standard input; "help" lists them. HOST is localhost if none is named.
ntpq asks for the same things in a newer way, which daemons answer without being told to.

Exit status: 0 every command was answered, 1 one was not, 2 wrong options.

  ntpdc -np                     the associations of this host's daemon
  ntpdc -c sysinfo time.example
)",
    .options = kOptions};

constexpr int kNotAnswered = 1;
constexpr int kWrongUse = 2;

volatile std::sig_atomic_t interrupt_flag = 0;

void write_out(std::string_view text) { std::cout << text << std::flush; }
void write_error(std::string_view text) { std::cerr << text << std::flush; }

Surroundings real_surroundings() {
  return {.print = write_out,
          .complain = write_error,
          .ask_line = client::ask_line,
          .ask_hidden = client::ask_hidden,
          .open = [](const Endpoint& server, client::PrivateOptions options,
                     std::function<void(const std::string&)> notice) {
            return client::PrivateSession::open(server, std::move(options), std::move(notice), &interrupt_flag);
          }};
}

/// Commands that the options stand for, in the order in which they were given.
std::vector<std::string> commands_of(const client::Arguments& arguments) {
  std::vector<std::string> lines;
  for (const auto& given : arguments.given()) {
    if (given.name == "command") lines.push_back(given.value);
    if (given.name == "listpeers") lines.emplace_back("listpeers");
    if (given.name == "peers") lines.emplace_back("peers");
    if (given.name == "showpeers") lines.emplace_back("dmpeers");
  }
  return lines;
}

void converse(Console& console) {
  client::Prompt prompt("ntpdc", complete, &interrupt_flag);
  for (;;) {
    interrupt_flag = 0;
    const auto line = prompt.read("ntpdc> ");
    if (!line || !console.run(*line)) return;
  }
}

int work(const client::Arguments& arguments) {
  if (arguments.has("ipv4") && arguments.has("ipv6")) {
    std::cerr << "ntpdc: -4 and -6 exclude each other\n";
    return kWrongUse;
  }
  Settings settings{.shows_names = !arguments.has("numeric"),
                    .keys_file = arguments.value("keyfile").value_or(""),
                    .debug_level = static_cast<int>(arguments.count("debug-level"))};
  if (arguments.has("ipv4")) settings.family = Family::ipv4;
  if (arguments.has("ipv6")) settings.family = Family::ipv6;
  const std::vector<std::string> lines = commands_of(arguments);
  const std::vector<std::string> hosts =
      arguments.rest().empty() ? std::vector<std::string>{"localhost"} : arguments.rest();

  std::signal(SIGINT, [](int) { interrupt_flag = 1; });
  Console console(real_surroundings(), settings);
  for (const std::string& host : hosts) {
    if (!console.use_host(host)) continue;
    if (hosts.size() > 1 && !lines.empty()) std::cout << "server=" << host << '\n';
    for (const std::string& line : lines)
      if (!console.run(line)) return console.is_well() ? 0 : kNotAnswered;
  }
  if (lines.empty() || arguments.has("interactive")) converse(console);
  return console.is_well() ? 0 : kNotAnswered;
}

}  // namespace

int main(int argc, char** argv) { return client::run_tool(kTool, argc, argv, kWrongUse, work); }
