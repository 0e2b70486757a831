// SPDX-License-Identifier: BSD-2-Clause
#include "engine/sources.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/event_log.h"

namespace ntp::engine {
namespace {

constexpr double kFirstRetry_s = 2;
constexpr double kLongestRetry_s = 1024;
/// A pool that lost sources is asked for others no more often than this.
constexpr double kPoolRefresh_s = 64;
/// Packets of sources that start together leave this far apart.
constexpr double kStartSpacing_s = 0.05;
/// Sources that one pool line may spawn; more lines, more operators.
constexpr std::size_t kSourcesPerPoolLine = 4;

}  // namespace

Sources::Sources(const Settings& settings)
    : max_clock_(settings.selection.max_clock),
      start_burst_(settings.discipline.algorithm == DisciplineSettings::Algorithm::estimator ? StartBurst::sparse
                                                                                             : StartBurst::even) {
  for (const SourceSettings& source : settings.sources) {
    Line line;
    line.settings = source;
    lines_.push_back(std::move(line));
  }
}

void Sources::start(const Now& now, Effects& out) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const auto& address = lines_[i].settings.address;
    if (address)
      mobilise(now, i, *address, out);
    else
      look_up(lines_[i], out);
  }
}

void Sources::look_up(Line& line, Effects& out) {
  line.token = next_token_++;
  line.look_up_at = MonoTime::never();
  out.push_back(Resolve{line.token, line.settings.name, line.settings.wanted});
}

void Sources::schedule_retry(const Now& now, Line& line) {
  line.back_off_s = line.back_off_s == 0 ? kFirstRetry_s : std::min(line.back_off_s * 2, kLongestRetry_s);
  line.look_up_at = now.mono + line.back_off_s;
}

void Sources::tick(const Now& now, Effects& out) {
  for (Line& line : lines_)
    if (line.look_up_at <= now.mono) look_up(line, out);
}

void Sources::name_resolved(const Now& now, const NameResolved& event, Effects& out) {
  const auto found = std::find_if(lines_.begin(), lines_.end(),
                                  [&](const Line& line) { return line.token != 0 && line.token == event.token; });
  if (found == lines_.end()) return;
  Line& line = *found;
  line.token = 0;
  if (event.addresses.empty()) {
    schedule_retry(now, line);
    if (!line.has_failed)
      out.push_back(
          Log{Log::Level::warning, fmt::format("{}: {}; trying again, {} s later at first and less often then",
                                               line.settings.name, event.error, line.back_off_s)});
    line.has_failed = true;
    return;
  }
  line.has_failed = false;
  line.back_off_s = 0;
  line.addresses = event.addresses;
  line.next_address = 0;
  const auto index = static_cast<std::size_t>(found - lines_.begin());
  if (line.settings.kind == SourceSettings::Kind::pool)
    fill_pool(now, index, out);
  else if (Association* a = find_by_line(index); a == nullptr)
    mobilise_unused(now, index, out);
  else if (a->poll.reach() == 0 && !a->is_resting())
    move_to_next_address(now, line, *a, out);
}

void Sources::mobilise_unused(const Now& now, std::size_t index, Effects& out) {
  Line& line = lines_[index];
  while (line.next_address < line.addresses.size()) {
    const Address address = line.addresses[line.next_address++];
    if (is_in_use(address, line.settings.port)) continue;
    mobilise(now, index, address, out);
    return;
  }
  out.push_back(Log{Log::Level::info, fmt::format("{} is a server that another line names already", line.settings.name),
                    Log::Topic::sync_info});
  line.back_off_s = kLongestRetry_s;
  schedule_retry(now, line);
}

void Sources::move_to_next_address(const Now& now, Line& line, Association& a, Effects& out) {
  // Also past those that other lines use: one server must not vote twice.
  while (line.next_address < line.addresses.size() && is_in_use(line.addresses[line.next_address], line.settings.port))
    ++line.next_address;
  if (line.next_address == line.addresses.size()) return;
  const Address next = line.addresses[line.next_address++];
  out.push_back(
      Log{Log::Level::info,
          fmt::format("{} does not answer at {}; trying {}", line.settings.name, a.remote.address.text(), next.text()),
          Log::Topic::sync_info});
  report(now, a, state::PeerEvent::restart, out, "another address");
  a.flush();
  forgotten_.push_back(a.id);
  a.denials_in_a_row = 0;
  a.remote.address = next;
  reopen(a, out);
  a.poll.restart(now.mono);
}

/// Of a pool whose name has other addresses now, those that never answered or fell silent make room.
void Sources::drop_unlisted(const Now& now, std::size_t index, Effects& out) {
  const auto is_listed = [&](const Address& address) {
    const auto& addresses = lines_[index].addresses;
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
  };
  for (std::size_t i = associations_.size(); i-- > 0;) {
    Association& a = *associations_[i];
    const bool is_silent = a.poll.reach() == 0 && a.poll.unreached_polls() > 1 && !a.is_resting();
    if (a.source_index == index && is_silent && !is_listed(a.remote.address)) demobilise(now, a, out);
  }
}

void Sources::fill_pool(const Now& now, std::size_t index, Effects& out) {
  const Line& line = lines_[index];
  drop_unlisted(now, index, out);
  for (const Address& address : line.addresses) {
    if (count_of(index) >= kSourcesPerPoolLine || associations_.size() >= static_cast<std::size_t>(max_clock_)) return;
    if (!is_in_use(address, line.settings.port)) mobilise(now, index, address, out);
  }
}

bool Sources::has_reachable(const Line& line) const {
  return std::any_of(associations_.begin(), associations_.end(),
                     [&](const auto& a) { return &lines_[a->source_index] == &line && a->poll.reach() != 0; });
}

void Sources::network_changed(const Now& now, Effects& out) {
  for (Line& line : lines_) {
    const bool is_due = line.look_up_at != MonoTime::never() || !has_reachable(line);
    if (line.token != 0 || line.settings.address || !is_due) continue;
    line.back_off_s = 0;
    line.look_up_at = now.mono;
  }
  for (const auto& a : associations_) {
    if (a->is_local_clock()) continue;
    reopen(*a, out);
    // One that answers keeps its pace; one that doesn't may be reachable from here.
    if (a->poll.reach() == 0 && !a->is_resting()) a->poll.restart(now.mono);
  }
}

void Sources::replace_unreachable(const Now& now, Association& a, Effects& out) {
  if (a.is_local_clock()) return;
  Line& line = lines_[a.source_index];
  if (line.settings.address) {
    reopen(a, out);
    return;
  }
  if (line.settings.kind == SourceSettings::Kind::pool) {
    // If nobody answers, it is the network that is gone, and other servers would not answer either.
    const bool is_alone = std::none_of(associations_.begin(), associations_.end(),
                                       [](const auto& other) { return other->poll.reach() != 0; });
    if (is_alone) {
      reopen(a, out);
      // Or its addresses are of another network (a captive portal's, a renumbered pool): the name is asked again.
      if (line.token == 0 && line.look_up_at == MonoTime::never()) schedule_retry(now, line);
      return;
    }
    const std::size_t index = a.source_index;
    out.push_back(Log{
        Log::Level::info,
        fmt::format("{} does not answer; asking the pool {} for others", a.remote.address.text(), line.settings.name),
        Log::Topic::sync_info});
    demobilise(now, a, out);
    if (lines_[index].token == 0 && lines_[index].look_up_at == MonoTime::never())
      lines_[index].look_up_at = now.mono + kPoolRefresh_s;
    return;
  }
  if (line.next_address < line.addresses.size()) {
    move_to_next_address(now, line, a, out);
    return;
  }
  reopen(a, out);
  if (line.token == 0 && line.look_up_at == MonoTime::never()) schedule_retry(now, line);
}

void Sources::forget_requests() {
  for (const auto& a : associations_) {
    a->request = {};
    a->held.reset();
  }
}

void Sources::restart_all(const Now& now, Effects& out) {
  double delay_s = 0;
  for (const auto& a : associations_) {
    a->flush();
    if (!a->is_resting()) a->poll.restart(now.mono + delay_s);
    delay_s += kStartSpacing_s;
    if (!a->is_local_clock()) reopen(*a, out);
  }
}

AssociationId Sources::free_id() {
  const auto is_used = [&](AssociationId id) {
    return std::any_of(associations_.begin(), associations_.end(), [&](const auto& a) { return a->id == id; });
  };
  // 0 means "none"; after 65535 the numbers begin again.
  while (next_id_ == 0 || is_used(next_id_)) ++next_id_;
  return next_id_++;
}

std::vector<AssociationId> Sources::take_forgotten() { return std::exchange(forgotten_, {}); }

std::vector<Sources::Departed> Sources::take_departed() { return std::exchange(departed_, {}); }

Association& Sources::mobilise(const Now& now, std::size_t index, const Address& address, Effects& out) {
  const SourceSettings& settings = lines_[index].settings;
  auto association = std::make_unique<Association>(settings, start_burst_);
  Association& a = *association;
  a.id = free_id();
  a.source_index = index;
  a.remote = {address, settings.port};
  a.mobilised_at = a.reach_changed_at = now.mono;
  a.poll.restart(now.mono + kStartSpacing_s * static_cast<double>(associations_.size()));
  associations_.push_back(std::move(association));
  report(now, a, state::PeerEvent::mobilize, out, fmt::format("assoc {}", a.id));
  if (!a.is_local_clock()) reopen(a, out);
  return a;
}

void Sources::ensure_endpoint(Association& association, Effects& out) {
  if (association.endpoint == 0) reopen(association, out);
}

void Sources::demobilise(const Now& now, Association& association, Effects& out) {
  report(now, association, state::PeerEvent::demobilize, out, fmt::format("assoc {}", association.id));
  forgotten_.push_back(association.id);
  departed_.push_back({association.id, association.remote});
  if (association.endpoint != 0) out.push_back(CloseEndpoint{association.endpoint});
  std::erase_if(associations_, [&](const auto& a) { return a.get() == &association; });
}

void Sources::reopen(Association& a, Effects& out) {
  if (a.endpoint != 0) out.push_back(CloseEndpoint{a.endpoint});
  a.endpoint = next_endpoint_++;
  a.request = {};
  a.held.reset();
  out.push_back(OpenEndpoint{a.endpoint, a.remote});
}

Association* Sources::find_by_line(std::size_t line) {
  const auto found =
      std::find_if(associations_.begin(), associations_.end(), [&](const auto& a) { return a->source_index == line; });
  return found == associations_.end() ? nullptr : found->get();
}

Association* Sources::find(EndpointId endpoint) {
  const auto found = std::find_if(associations_.begin(), associations_.end(),
                                  [&](const auto& a) { return endpoint != 0 && a->endpoint == endpoint; });
  return found == associations_.end() ? nullptr : found->get();
}

Association* Sources::find_by_request(Token token) {
  const auto found = std::find_if(associations_.begin(), associations_.end(),
                                  [&](const auto& a) { return a->request.token == token && token != 0; });
  return found == associations_.end() ? nullptr : found->get();
}

bool Sources::has_other_address(const Association& a) const {
  const Line& line = lines_[a.source_index];
  return !line.settings.address && line.settings.kind == SourceSettings::Kind::server &&
         line.next_address < line.addresses.size();
}

bool Sources::knows(const Endpoint& remote) const {
  return std::any_of(associations_.begin(), associations_.end(),
                     [&](const auto& a) { return !a->is_local_clock() && a->remote == remote; });
}

std::vector<Address> Sources::addresses() const {
  std::vector<Address> out;
  for (const auto& a : associations_)
    if (!a->is_local_clock()) out.push_back(a->remote.address);
  return out;
}

bool Sources::is_in_use(const Address& address, std::uint16_t port) const { return knows({address, port}); }

std::size_t Sources::count_of(std::size_t line) const {
  return static_cast<std::size_t>(std::count_if(associations_.begin(), associations_.end(),
                                                [&](const auto& a) { return a->source_index == line; }));
}

MonoTime Sources::deadline() const {
  MonoTime due = MonoTime::never();
  for (const auto& a : associations_) {
    due = std::min(due, a->poll.due());
    if (const auto& held = a->held; held) due = std::min(due, held->until);
  }
  for (const Line& line : lines_) due = std::min(due, line.look_up_at);
  return due;
}

std::string Sources::unresolved_name() const {
  for (const Line& line : lines_)
    if (!line.settings.address && line.addresses.empty()) return line.settings.name;
  return {};
}

std::size_t Sources::unresolved_lines() const {
  return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), [](const Line& line) {
    return !line.settings.address && line.addresses.empty() && !line.settings.is_never_selected;
  }));
}

std::size_t Sources::network_lines() const {
  return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), [](const Line& line) {
    return line.settings.kind != SourceSettings::Kind::local_clock;
  }));
}

}  // namespace ntp::engine
