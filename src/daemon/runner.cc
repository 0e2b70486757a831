// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/runner.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "daemon/access_rules.h"
#include "daemon/client_limits.h"
#include "daemon/configuration.h"
#include "daemon/drift_file.h"
#include "daemon/files.h"
#include "daemon/interface_rules.h"
#include "net/control_messages.h"

namespace ntp::daemon {
namespace {

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

/// Those that answer strangers: the workers, or the engine's thread.
std::size_t counting_threads(const Options& options) { return static_cast<std::size_t>(std::max(1, options.workers)); }

}  // namespace

Runner::Runner(RunnerParts parts)
    : options_(parts.options),
      config_(parts.config),
      own_lines_(config::line_counts(config_)),
      origin_(std::move(parts.origin)),
      keys_(parts.settings.keys),
      drift_file_(std::move(parts.drift_file)),
      port_(parts.port),
      log_(parts.log),
      manager_(parts.manager),
      leap_file_(config_.leap_file, log_),
      engine_(leap_file_.completed(std::move(parts.settings)), random_),
      policies_(policy_of({.config = config_, .keys = keys_, .workers = counting_threads(options_)})),
      client_table_(make_client_table(config_, random_)),
      published_{.clock = clock_state_,
                 .policies = policies_,
                 .clients = *client_table_,
                 .control = control_link_,
                 .own_port = port_},
      loop_({}),
      resolver_([this] { loop_.wake(); }),
      access_([this](net::NameQuery query) { return resolver_.submit(std::move(query)); }),
      clients_(loop_, [this](const engine::Input& input) { deliver(input); }),
      statistics_(config_.statistics, log_),
      system_statistics_(net::monotonic_now()),
      thermometer_(std::in_place, config_.temperature_sensor, log_),
      displays_(options_, log_) {
  take_words();
  access_.set_lines(config_.restricts, net::monotonic_now());
  open_control();
  loop_.set_hooks({.next_deadline = [this] { return next_deadline(); },
                   .on_deadline = [this](MonoTime now) { on_deadline(now); },
                   .on_wake = [this] { take_names(); },  // and queries of the workers: see next_deadline()
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
  displays_.begin(net::monotonic_now());
  if (const auto notice = built_in_notice(config_.restricts)) log_.write(Log::Level::warning, *notice);
  if (const auto notice = open_notice(config_.restricts)) log_.write(Log::Level::notice, *notice);
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
  if (std::exchange(may_have_other_sources_, false) && access_.wants_sources() &&
      access_.set_sources(engine_.source_addresses()))
    publish_policy();
}

void Runner::carry_out(engine::OpenEndpoint& effect) {
  may_have_other_sources_ = true;
  clients_.open(effect);
}

void Runner::carry_out(engine::CloseEndpoint& effect) {
  may_have_other_sources_ = true;
  clients_.close(effect);
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
  for (net::NameAnswer& answer : resolver_.take_answers()) {
    if (RestrictHosts::is_ours(answer.token)) {
      take_restrict_name(answer);
    } else {
      deliver(engine::NameResolved{answer.token, std::move(answer.addresses), std::move(answer.error)});
    }
  }
}

void Runner::take_restrict_name(const net::NameAnswer& answer) {
  const RestrictHosts::Outcome outcome = access_.hosts().take(answer, net::monotonic_now());
  const bool is_bad = outcome.severity == RestrictHosts::Severity::warning;
  if (!outcome.message.empty()) log_.write(is_bad ? Log::Level::warning : Log::Level::notice, outcome.message);
  if (outcome.has_changed) publish_policy();
}

void Runner::publish_policy() {
  std::optional<policy::Policy> next;
  {
    const auto before = policy_reader_.hold();
    next = policy_of(policy_parts(), &*before);
  }
  policies_.publish(*std::move(next));
  free_old_policies();
}

PolicyParts Runner::policy_parts() const {
  return {.config = config_,
          .hosts = &access_.hosts().addresses(),
          .sources = access_.sources(),
          .keys = keys_,
          .workers = counting_threads(options_)};
}

void Runner::free_old_policies() {
  constexpr double kAgain_s = 1.0;
  next_policy_look_ = policies_.collect() > 0 ? net::monotonic_now() + kAgain_s : MonoTime::never();
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
  control_.door->note(effect);
}

void Runner::carry_out(engine::Terminate& effect) {
  const bool is_good = effect.reason == engine::Terminate::Reason::clock_was_set;
  log_.write(is_good ? Log::Level::notice : Log::Level::error, effect.text);
  if (!is_good) exit_status_ = 1;
  loop_.stop();
}

MonoTime Runner::next_deadline() const {
  if (control_.door->has_work()) return {};  // now; but what the sockets have for us comes first
  return std::min({engine_.next_deadline(), address_watch_ ? address_watch_->next_deadline() : MonoTime::never(),
                   displays_.next_deadline(), next_address_look_, next_policy_look_, thermometer_->next_deadline(),
                   leap_file_.next_deadline(), access_.hosts().next_deadline(), statistics_.next_deadline(),
                   statistics_.has(StatisticsType::system) ? system_statistics_.next_deadline() : MonoTime::never()});
}

void Runner::on_deadline(MonoTime now) {
  if (const auto celsius = thermometer_->tick(now); celsius) deliver(engine::TemperatureRead{*celsius});
  if (leap_file_.tick(now)) deliver(engine::LeapTableRead{leap_file_.table()});
  if (engine_.next_deadline() <= now) {
    engine_.tick(clock_.read(), queue_);
    carry_out_all();
  }
  if (address_watch_) address_watch_->tick(now);
  if (next_address_look_ <= now) look_at_addresses();
  if (next_policy_look_ <= now) free_old_policies();
  access_.hosts().tick(now);
  statistics_.tick(now);
  if (system_statistics_.next_deadline() <= now) write_system_statistics(now);
  if (control_.door->has_work()) control_.door->work();
  if (displays_.next_deadline() <= now)
    displays_.show(now, {.view = engine_.view(clock_.read()),
                         .variables = variables_,
                         .origin = origin_,
                         .port = port_,
                         .answered = answered()});
}

void Runner::on_signal(int signal) {
  if (signal != SIGHUP) {
    log_.write(Log::Level::notice, fmt::format("ending on signal {}", signal));
    loop_.stop();
    return;
  }
  reload();
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

}  // namespace ntp::daemon
