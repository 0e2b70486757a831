// SPDX-License-Identifier: BSD-2-Clause
//
// sntp: asks servers for the time, and sets the clock if told to.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "base/calendar.h"
#include "client/hosts.h"
#include "client/time_choice.h"
#include "client/tool_arguments.h"
#include "tools/sntp/kiss_file.h"
#include "tools/sntp/report.h"
#include "tools/sntp/settings.h"

namespace {

using namespace ntp;
using namespace ntp::tools::sntp;
using client::TimeOutcome;
using client::TimeServer;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 64;  // EX_USAGE
constexpr int kNoInput = 66;   // EX_NOINPUT
constexpr std::size_t kMaxKissFile = 1 << 20;

/// A host to ask: its addresses, of which the first one that answers is enough unless all were wanted.
struct Host {
  std::string name;
  std::vector<Endpoint> addresses;
  std::size_t next = 0;
};

class Run {
 public:
  Run(const Settings& settings, client::TimeKey key) : settings_(settings), questions_(settings.questions) {
    questions_.key = std::move(key);
    if (settings.uses_reserved_port) questions_.local_port = wire::kPort;
    if (settings.debug_level > 0)
      questions_.on_event = [this](client::TimeEvent event, const TimeServer& server) {
        complain(fmt::format("{} {}", event == client::TimeEvent::transmit ? "asking" : "answer of",
                             server.endpoint.text()));
      };
    if (!settings.waits_for_all && settings.questions.samples == 1)
      questions_.on_answer = [this](const TimeServer&, const client::TimeAnswer& answer) {
        has_enough_ = has_enough_ || !answer.fault;
        return has_enough_;
      };
  }

  /// The exit status.
  int run() {
    if (!open_log() || !read_kisses()) return kNoInput;
    if (settings_.broadcast && !listen()) return kFailed;
    std::vector<TimeServer> servers;
    for (const std::string& name : settings_.concurrent)
      for (const Endpoint& address : addresses_of(name)) servers.push_back({name, address});
    for (const std::string& name : settings_.hosts) hosts_.push_back({name, addresses_of(name)});
    // A round asks one address of each host that hasn't answered yet; all addresses of -c belong to the first one.
    for (append_next(servers); !servers.empty() && !has_enough_; append_next(servers)) {
      std::erase_if(servers, [&](const TimeServer& one) { return is_to_rest(one); });
      if (!ask(servers)) return kFailed;
      servers.clear();
    }
    write_kisses();
    return report();
  }

 private:
  bool open_log() {
    if (!settings_.log_file) return true;
    log_.open(*settings_.log_file, std::ios::app);
    if (log_) return true;
    std::cerr << fmt::format("sntp: {}: {}\n", *settings_.log_file, std::strerror(errno));
    return false;
  }

  void complain(const std::string& text) {
    std::ostream& out = log_.is_open() ? log_ : std::cerr;
    out << "sntp: " << text << '\n' << std::flush;
  }

  std::vector<Endpoint> addresses_of(const std::string& name) {
    const auto found = client::find_hosts(name, settings_.family);
    if (found) return *found;
    complain(found.error());
    return {};
  }

  /// The next address of each host that has no usable answer yet.
  void append_next(std::vector<TimeServer>& servers) {
    for (Host& host : hosts_) {
      const bool is_done = std::ranges::any_of(
          outcomes_, [&](const TimeOutcome& one) { return one.server.name == host.name && one.best() != nullptr; });
      if (!is_done && host.next < host.addresses.size()) servers.push_back({host.name, host.addresses[host.next++]});
    }
  }

  bool is_to_rest(const TimeServer& server) {
    if (!wants_rest(kisses_, server.endpoint.address, std::time(nullptr))) return false;
    complain(
        fmt::format("prior KoD for {}, skipping ({} keeps it)", server.endpoint.address.text(), *settings_.kiss_file));
    return true;
  }

  /// Waits for a broadcast. False if the system gives no socket, which has been told.
  bool listen() {
    const auto addresses = addresses_of(*settings_.broadcast);
    if (addresses.empty()) return false;
    auto outcome = client::hear_broadcast(addresses.front(), questions_.key, settings_.broadcast_timeout_s);
    if (!outcome) {
      complain(outcome.error());
      return false;
    }
    outcomes_.push_back(std::move(*outcome));
    return true;
  }

  /// False if the system gives no socket, which has been told.
  bool ask(const std::vector<TimeServer>& servers) {
    // A port of our own can be bound once: one server after another.
    const std::size_t at_once = settings_.uses_reserved_port ? 1 : std::max<std::size_t>(servers.size(), 1);
    for (std::size_t i = 0; i < servers.size() && !has_enough_; i += at_once) {
      const auto first = servers.begin() + static_cast<std::ptrdiff_t>(i);
      auto outcomes = client::ask_time({first, first + static_cast<std::ptrdiff_t>(at_once)}, questions_);
      if (!outcomes) {
        complain(outcomes.error());
        return false;
      }
      std::ranges::move(*outcomes, std::back_inserter(outcomes_));
    }
    return true;
  }

  bool read_kisses() {
    if (!settings_.kiss_file) return true;
    std::error_code ignored;
    if (!std::filesystem::exists(*settings_.kiss_file, ignored)) return true;
    std::ifstream file(*settings_.kiss_file, std::ios::binary);
    std::string text(kMaxKissFile, '\0');
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || (!file.eof() && !file)) {
      complain(fmt::format("{}: {}", *settings_.kiss_file, std::strerror(errno)));
      return false;
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    kisses_ = parse_kiss_file(text);
    return true;
  }

  void write_kisses() {
    if (!settings_.kiss_file) return;
    bool is_changed = false;
    for (const TimeOutcome& outcome : outcomes_)
      for (const client::TimeAnswer& answer : outcome.answers) {
        if (answer.fault != client::TimeFault::kiss) continue;
        kisses_ = with_kiss(std::move(kisses_), {.at_unix_s = std::time(nullptr),
                                                 .code = wire::to_text(answer.header.refid, 0),
                                                 .address = outcome.server.endpoint.address});
        is_changed = true;
      }
    if (!is_changed) return;
    std::ofstream file(*settings_.kiss_file, std::ios::binary | std::ios::trunc);
    file << to_text(kisses_) << std::flush;
    if (!file) complain(fmt::format("{}: {}", *settings_.kiss_file, std::strerror(errno)));
  }

  /// Sets the clock if it is to be set, and prints a line for each server.
  int report() {
    bool is_usable = false;
    const TimeOutcome* adjusted = nullptr;
    const bool is_set = !settings_.sets_clock() || set_clock(adjusted);
    for (const TimeOutcome& one : outcomes_) {
      const client::TimeAnswer* const best = one.best();
      if (best != nullptr) {
        is_usable = true;
        print(one.server, *best, &one == adjusted ? Adjusted::yes : Adjusted::no);
      } else if (!one.answers.empty()) {
        if (settings_.is_json) std::cout << json_of_failure(one.server, one.failure_text());
        complain(fmt::format("{}: {}", one.server.endpoint.address.text(), one.failure_text()));
      }
    }
    std::cout << std::flush;
    return is_usable && is_set ? kDone : kFailed;
  }

  void print(const TimeServer& server, const client::TimeAnswer& answer, Adjusted adjusted) const {
    const UnixTime at = unix_from_timestamp(answer.sample->at, std::time(nullptr));
    const std::time_t seconds = at.seconds;
    WallTime when{.microseconds = static_cast<int>(at.nanoseconds / 1000)};
    ::localtime_r(&seconds, &when.parts);
    std::cout << (settings_.is_json ? json_of(server, answer, when, adjusted) : line_of(server, answer, when));
  }

  bool set_clock(const TimeOutcome*& adjusted) {
    const auto choice = client::choose(outcomes_);
    if (!choice) {
      complain(choice.error() == client::NoChoice::none_usable
                   ? "no usable answer: the clock is left alone"
                   : "the servers contradict each other, and no time has a majority: the clock is left alone");
      return false;
    }
    const TimeOutcome& chosen = outcomes_[choice->index];
    const double offset_s = chosen.best()->sample->offset_s;
    const auto how = correction_for(settings_, offset_s);
    if (const auto done = clock::correct_once(how, offset_s); !done) {
      complain(fmt::format("can't set the clock, which is {:+.6f} s off by {}: {}", offset_s,
                           chosen.server.endpoint.address.text(), done.error()));
      return false;
    }
    adjusted = &chosen;
    const char* const word = how == clock::OneCorrection::step ? "stepped" : "slewed";
    complain(fmt::format("time {} by {:.6f}", word, offset_s));
    return true;
  }

  const Settings& settings_;
  client::TimeQuestions questions_;
  std::vector<Host> hosts_;
  std::vector<TimeOutcome> outcomes_;
  std::vector<KissEntry> kisses_;
  std::ofstream log_;
  bool has_enough_ = false;
};

int work(const client::Arguments& arguments) {
  const auto settings = settings_of(arguments);
  if (!settings) {
    std::cerr << "sntp: " << settings.error() << '\n';
    return kWrongUse;
  }
  const auto key = client::key_of(arguments, "authentication");
  if (!key) {
    std::cerr << "sntp: " << key.error() << '\n';
    return kNoInput;
  }
  return Run(*settings, *key).run();
}

}  // namespace

int main(int argc, char** argv) { return client::run_tool(kTool, argc, argv, kWrongUse, work); }
