// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/runner.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "daemon/configuration.h"
#include "daemon/drift_file.h"
#include "daemon/files.h"
#include "daemon/interface_rules.h"
#include "daemon/policy_of.h"
#include "daemon/presentation.h"
#include "net/control_messages.h"

namespace ntp::daemon {
namespace {

constexpr double kRefreshInterval_s = 1;
/// Without a terminal the live table is a report, not a picture.
constexpr double kReportInterval_s = 10;

net::NameQuery::Wanted wanted_of(engine::Resolve::Wanted wanted) {
  switch (wanted) {
    case engine::Resolve::Wanted::any:
      return net::NameQuery::Wanted::any;
    case engine::Resolve::Wanted::ipv4:
      return net::NameQuery::Wanted::ipv4;
    case engine::Resolve::Wanted::ipv6:
      return net::NameQuery::Wanted::ipv6;
  }
  return net::NameQuery::Wanted::any;
}

std::string utc_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text.data(), length};
}

winsize terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) return size;
  size.ws_col = 80;
  size.ws_row = 24;
  return size;
}

/// What fits: a wrapped line or one below the last row would scroll the picture away.
std::string cut_to(const std::string& text, const winsize& size) {
  std::string out;
  std::size_t column = 0;
  int row = 1;
  for (const char c : text) {
    if (c == '\n') {
      if (++row > size.ws_row) return out + "\033[K";
      out += "\033[K\n";
      column = 0;
    } else if (column++ < size.ws_col) {
      out += c;
    }
  }
  return out;
}

}  // namespace

Runner::Runner(RunnerParts parts)
    : options_(parts.options),
      origin_(std::move(parts.origin)),
      drift_file_(std::move(parts.drift_file)),
      port_(parts.port),
      log_(parts.log),
      manager_(parts.manager),
      interface_rules_(parts.config.interfaces),
      engine_(std::move(parts.settings), random_),
      policies_(policy_of({.config = parts.config, .keys = parts.keys})),
      published_{.clock = clock_state_, .policies = policies_, .own_port = port_},
      loop_({}),
      resolver_([this] { loop_.wake(); }),
      clients_(loop_, [this](const engine::Input& input) { deliver(input); }),
      statistics_(parts.config.statistics, log_),
      system_statistics_(net::monotonic_now()),
      thermometer_(parts.config.temperature_sensor, log_) {
  log_.set_classes(parts.config.log_classes.value_or(config::kDefaultLogClasses));
  for (const config::SetVariable& variable : parts.config.variables)
    variables_.set({.name = variable.name, .value = variable.value, .is_default = variable.is_default});
  interface_rules_.insert(interface_rules_.end(), options_.interfaces.begin(), options_.interfaces.end());
  loop_.set_hooks({.next_deadline = [this] { return next_deadline(); },
                   .on_deadline = [this](MonoTime now) { on_deadline(now); },
                   .on_wake = [this] { take_names(); },
                   .on_signal = [this](int signal) { on_signal(signal); }});
}

Runner::~Runner() = default;

std::optional<std::string> Runner::listen() {
  if (auto addresses = net::local_addresses()) addresses_ = std::move(*addresses);
  const std::vector<Address> wanted = listening_addresses(addresses_, interface_rules_);
  // Bound exclusively at first even with workers: a second daemon must be refused, and shared ports would hide it.
  auto exclusive = std::make_unique<Listeners>(loop_, published_, net::UdpSocket::Port::exclusive);
  if (const auto error = exclusive->reconcile(wanted, port_); error) {
    if (error->os_error == EADDRINUSE)
      return fmt::format(
          "port {} is already in use: another time service runs here. Stop it first (only one can set the "
          "clock), or let --any-port take a free one",
          port_);
    return fmt::format("port {}: {}", port_, error->text());
  }
  if (exclusive->count() == 0) log_.write(Log::Level::warning, "no address to serve on; interface lines leave none");
  if (options_.workers == 0) {
    listeners_ = std::move(exclusive);
    return std::nullopt;
  }
  exclusive.reset();
  workers_ = std::make_unique<Workers>(options_.workers, published_, port_);
  if (const auto error = workers_->open(wanted); error) return fmt::format("port {}: {}", port_, error->text());
  return std::nullopt;
}

int Runner::run() {
  if (const auto caught = loop_.catch_signals(); !caught) {
    log_.write(Log::Level::error, caught.error().text());
    return 1;
  }
  if (workers_) workers_->start();
  tell_addresses();
  next_address_look_ = net::monotonic_now();
  address_watch_ = std::make_unique<net::AddressWatch>(loop_, [this] { look_at_addresses(); });
  if (options_.status_file) next_status_ = net::monotonic_now();
  if (options_.shows_live_table) next_table_ = net::monotonic_now();
  log_.start_budget();

  engine_.start(clock_.read(), queue_);
  carry_out_all();
  manager_.tell("READY=1");
  if (const auto ran = loop_.run(); !ran) {
    log_.write(Log::Level::error, ran.error().text());
    exit_status_ = 1;
  }
  manager_.tell("STOPPING=1");
  engine_.stop(clock_.read(), queue_);
  carry_out_all();
  // The last hour is a short one.
  write_system_statistics(net::monotonic_now());
  return exit_status_;
}

void Runner::deliver(const engine::Input& input) {
  engine_.handle(clock_.read(), input, queue_);
  carry_out_all();
}

void Runner::carry_out_all() {
  // Outcomes are delivered while effects are carried out; what follows from them goes to the end of the line.
  if (is_carrying_out_) return;
  is_carrying_out_ = true;
  // By index: the queue grows while it is worked off.
  for (std::size_t i = 0; i < queue_.size(); ++i) {  // NOLINT(modernize-loop-convert)
    engine::Effect effect = std::move(queue_[i]);
    std::visit([this](auto& known) { carry_out(known); }, effect);
  }
  queue_.clear();
  is_carrying_out_ = false;
}

void Runner::carry_out(engine::StepClock& effect) { deliver(engine::carry_out(effect, clock_)); }
void Runner::carry_out(engine::SetFrequency& effect) { deliver(engine::carry_out(effect, clock_)); }

void Runner::carry_out(engine::SetKernelStatus& effect) {
  const auto done = clock_.set_status(effect);
  if (!done && !has_status_refusal_)
    log_.write(Log::Level::warning,
               fmt::format("the kernel can't be told how good its time is: {}", std::strerror(done.error().os_error)));
  has_status_refusal_ = !done;
}

void Runner::carry_out(engine::Resolve& effect) {
  if (resolver_.submit({effect.token, effect.name, wanted_of(effect.wanted)})) return;
  deliver(engine::NameResolved{.token = effect.token, .addresses = {}, .error = "too many names wait to be looked up"});
}

void Runner::take_names() {
  for (net::NameAnswer& answer : resolver_.take_answers())
    deliver(engine::NameResolved{answer.token, std::move(answer.addresses), std::move(answer.error)});
}

void Runner::carry_out(engine::SaveDrift& effect) {
  if (!drift_file_) return;
  const std::string content = format_drift(effect.drift);
  if (content.empty()) return;
  const auto saved = replace_file(*drift_file_, content, Durability::synced);
  if (!saved && !has_drift_warning_)
    log_.write(
        Log::Level::warning,
        fmt::format("the frequency can't be saved ({}); the clock is kept right all the same", saved.error().text));
  has_drift_warning_ = !saved;
}

void Runner::carry_out(engine::ReportEvent& effect) {
  statistics_.write(effect);
  log_.write(effect);
}

void Runner::carry_out(engine::Terminate& effect) {
  const bool is_good = effect.reason == engine::Terminate::Reason::clock_was_set;
  log_.write(is_good ? Log::Level::notice : Log::Level::error, effect.text);
  if (!is_good) exit_status_ = 1;
  loop_.stop();
}

MonoTime Runner::next_deadline() const {
  return std::min({engine_.next_deadline(), address_watch_ ? address_watch_->next_deadline() : MonoTime::never(),
                   next_status_, next_table_, next_address_look_, thermometer_.next_deadline(),
                   statistics_.next_deadline(),
                   statistics_.has(StatisticsType::system) ? system_statistics_.next_deadline() : MonoTime::never()});
}

void Runner::on_deadline(MonoTime now) {
  if (const auto celsius = thermometer_.tick(now); celsius) deliver(engine::TemperatureRead{*celsius});
  if (engine_.next_deadline() <= now) {
    engine_.tick(clock_.read(), queue_);
    carry_out_all();
  }
  if (address_watch_) address_watch_->tick(now);
  if (next_address_look_ <= now) look_at_addresses();
  statistics_.tick(now);
  if (system_statistics_.next_deadline() <= now) write_system_statistics(now);
  if (next_status_ <= now) write_status(now);
  if (next_table_ <= now) draw_live_table(now);
}

void Runner::on_signal(int signal) {
  if (signal != SIGHUP) {
    log_.write(Log::Level::notice, fmt::format("ending on signal {}", signal));
    loop_.stop();
    return;
  }
  statistics_.reopen();
  if (log_.reopen())
    log_.write(Log::Level::notice, "hangup: log opened anew, failed names are tried again");
  else
    log_.write(Log::Level::warning,
               fmt::format("hangup: the log can't be opened anew ({}) and goes on where it was; failed "
                           "names are tried again",
                           std::strerror(errno)));
  deliver(engine::EndpointChanged{});
}

void Runner::tell_addresses() {
  std::vector<Address> own;
  own.reserve(addresses_.size());
  for (const net::LocalAddress& local : addresses_) own.push_back(local.address);
  engine_.set_own_names(std::move(own), port_);
}

void Runner::look_at_addresses() {
  const bool is_watched = address_watch_ && address_watch_->is_active();
  next_address_look_ = options_.update_interval_s > 0 && !is_watched
                           ? net::monotonic_now() + static_cast<double>(options_.update_interval_s)
                           : MonoTime::never();
  auto addresses = net::local_addresses();
  if (!addresses) return;
  const bool has_changed = *addresses != addresses_;
  addresses_ = std::move(*addresses);

  const std::vector<Address> wanted = listening_addresses(addresses_, interface_rules_);
  if (workers_) workers_->listen_on(wanted);
  if (listeners_)
    if (const auto error = listeners_->reconcile(wanted, port_); error) log_.write(Log::Level::warning, error->text());
  tell_addresses();
  if (has_changed) deliver(engine::EndpointChanged{});
}

std::uint64_t Runner::answered() const { return workers_ ? workers_->answered() : listeners_->answered(); }

state::PacketCounts Runner::packet_counts() {
  state::PacketCounts counts = engine_.view(clock_.read()).system.packets;
  counts += workers_ ? workers_->packet_counts() : listeners_->packet_counts();
  return counts;
}

void Runner::write_system_statistics(MonoTime now) {
  const SystemStatistics::Record record = system_statistics_.take(now, packet_counts());
  statistics_.write_system(net::real_now(), record.since_reset_s, record.counts);
}

void Runner::write_status(MonoTime now) {
  if (!options_.status_file) return;
  next_status_ = now + kRefreshInterval_s;
  const auto written =
      replace_file(*options_.status_file, status_json(engine_.view(clock_.read()), variables_), Durability::written);
  if (!written && !has_status_warning_) log_.write(Log::Level::warning, written.error().text);
  has_status_warning_ = !written;
}

void Runner::draw_live_table(MonoTime now) {
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  next_table_ = now + (is_terminal ? kRefreshInterval_s : kReportInterval_s);
  const LiveContext context{
      .clock_text = utc_text(), .origin = origin_, .last_message = log_.last(), .port = port_, .answered = answered()};
  const std::string table = live_table(engine_.view(clock_.read()), context);
  if (is_terminal)
    fmt::print("\033[H{}\033[J", cut_to(table, terminal_size()));
  else
    fmt::print("{}\n", table);
  std::fflush(stdout);
}

}  // namespace ntp::daemon
