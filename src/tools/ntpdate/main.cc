// SPDX-License-Identifier: BSD-2-Clause
//
// ntpdate: measures this clock against servers, and sets it once.
#include <cerrno>
#include <ctime>
#include <iostream>
#include <string>
#include <string_view>

#include <syslog.h>
#include <unistd.h>

#include <fmt/format.h>

#include "client/time_choice.h"
#include "client/tool_arguments.h"
#include "clock/set_once.h"
#include "net/udp_socket.h"
#include "tools/ntpdate/report.h"
#include "tools/ntpdate/settings.h"

namespace {

using namespace ntp;
using namespace ntp::tools::ntpdate;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

/// Where lines go: the terminal, the system log, or, as JSON says it all at the end, only what is wrong to the terminal.
class Speaker {
 public:
  explicit Speaker(const Settings& settings) : settings_(settings) {
    if (settings_.uses_syslog) ::openlog("ntpdate", LOG_PID, LOG_DAEMON);
  }

  void say(const std::string& text) const { write(LOG_NOTICE, text, std::cout); }
  void complain(const std::string& text) const { write(LOG_ERR, text, std::cerr); }
  /// Lines that are no log.
  void print(const std::string& lines) const {
    if (!settings_.is_json) std::cout << lines << std::flush;
  }

 private:
  void write(int level, const std::string& text, std::ostream& terminal) const {
    if (settings_.uses_syslog) return ::syslog(level, "%s", text.c_str());
    if (settings_.is_json && level != LOG_ERR) return;
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    terminal << log_line(parts, ::getpid(), text) << std::flush;
  }

  const Settings& settings_;
};

/// Nothing if port 123 is free; it is given back at once, for requests leave from random ports.
std::string port_problem() {
  const auto socket = net::UdpSocket::open_server({.local = Address(), .port = wire::kPort});
  if (socket) return "";
  const int os_error = socket.error().os_error;
  if (os_error == EADDRINUSE)
    return "the NTP socket is in use, exiting: a time service runs here and keeps the clock (-q only measures; -u sets "
           "it "
           "nevertheless)";
  if (os_error == EACCES || os_error == EPERM)
    return "port 123 can't be taken, and the clock not be set, without root's rights (-q only measures)";
  return fmt::format("port 123: {}", socket.error().text());
}

client::FoundServers find(const Settings& settings, const Speaker& speaker) {
  if (settings.is_debugging)
    for (const std::string& name : settings.servers)
      speaker.print(fmt::format("Looking for host {} and service ntp\n", name));
  const auto found = client::find_servers(settings.servers, settings.family, client::AddressesOfName::all);
  for (const std::string& problem : found.problems) speaker.complain(problem);
  if (settings.is_debugging)
    for (const auto& server : found.servers)
      speaker.print(fmt::format("host found : {}\n", server.endpoint.address.text()));
  return found;
}

/// Asks all of them; an error has been told.
std::optional<std::vector<client::TimeOutcome>> measure(const Settings& settings, const client::TimeKey& key,
                                                        const std::vector<client::TimeServer>& servers,
                                                        const Speaker& speaker) {
  client::TimeQuestions questions = settings.questions;
  questions.key = key;
  if (settings.is_debugging)
    questions.on_event = [&](client::TimeEvent event, const client::TimeServer& server) {
      const std::string_view what = event == client::TimeEvent::transmit ? "transmit" : "receive";
      speaker.print(fmt::format("{}({})\n", what, server.endpoint.address.text()));
    };
  auto outcomes = client::ask_time(servers, questions);
  if (outcomes) return std::move(*outcomes);
  speaker.complain(outcomes.error());
  return std::nullopt;
}

void report_servers(const Settings& settings, const std::vector<client::TimeOutcome>& outcomes,
                    const Speaker& speaker) {
  for (const client::TimeOutcome& one : outcomes) {
    if (settings.is_debugging)
      speaker.print(debug_text(one, std::time(nullptr)));
    else if (settings.only_queries)
      speaker.print(server_line(one));
    if (one.best() == nullptr)
      speaker.complain(fmt::format("{}: {}", one.server.endpoint.address.text(), one.failure_text()));
  }
}

std::string words_of(client::NoChoice reason) {
  if (reason == client::NoChoice::none_usable) return "no server suitable for synchronization found";
  return "no server suitable for synchronization found: they contradict each other, and no time has a majority";
}

/// Carries the action out, or says what would be done.
void act(const Settings& settings, Result& result, const Speaker& speaker) {
  const double offset_s = result.chosen->best()->sample->offset_s;
  const Action action = action_for(settings, offset_s);
  const std::string text = result_text(*result.chosen, action);
  if (settings.only_queries || settings.is_debugging) return speaker.say(text);

  result.action = action;
  const auto how = action == Action::step ? clock::OneCorrection::step : clock::OneCorrection::slew;
  const auto done = clock::correct_once(how, offset_s);
  result.is_done = done.has_value();
  if (done) return speaker.say(text);
  result.problem = fmt::format("can't set the clock, which is {:+.6f} s off by server {}: {}", offset_s,
                               result.chosen->server.endpoint.address.text(), done.error());
}

int finish(const Settings& settings, const Result& result, const Speaker& speaker) {
  if (!result.problem.empty()) speaker.complain(result.problem);
  if (settings.is_json) std::cout << to_json(result) << std::flush;
  return result.problem.empty() ? kDone : kFailed;
}

int run(const Settings& settings, const client::Arguments& arguments) {
  const Speaker speaker(settings);
  if (settings.is_verbose) {
    std::string version = client::version_text(kTool);
    version.pop_back();
    speaker.say(version);
  }
  if (!settings.warning.empty()) speaker.complain("warning: " + settings.warning);
  const auto fail = [&](const std::string& problem) {
    return finish(settings, {.outcomes = {}, .problem = problem}, speaker);
  };
  const auto key = client::key_of(arguments, "key");
  if (!key) return fail(key.error());
  const auto found = find(settings, speaker);
  if (found.servers.empty()) return fail("no servers can be used, exiting");
  if (settings.checks_port)
    if (const std::string problem = port_problem(); !problem.empty()) return fail(problem);

  const auto outcomes = measure(settings, *key, found.servers, speaker);
  if (!outcomes) return kFailed;
  report_servers(settings, *outcomes, speaker);
  Result result{.outcomes = *outcomes};
  const auto choice = client::choose(*outcomes);
  if (!choice) {
    result.problem = words_of(choice.error());
    return finish(settings, result, speaker);
  }
  result.chosen = &(*outcomes)[choice->index];
  if (choice->is_disputed)
    speaker.complain(fmt::format("warning: two servers contradict each other; {} is nearer to a reference clock",
                                 result.chosen->server.endpoint.address.text()));
  act(settings, result, speaker);
  return finish(settings, result, speaker);
}

int work(const client::Arguments& arguments) {
  const auto settings = settings_of(arguments);
  if (settings) return run(*settings, arguments);
  std::cerr << "ntpdate: " << settings.error() << '\n';
  return kWrongUse;
}

}  // namespace

int main(int argc, char** argv) { return client::run_tool(kTool, argc, argv, kWrongUse, work); }
