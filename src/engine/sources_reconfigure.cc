// SPDX-License-Identifier: BSD-2-Clause
//
// New lines for old ones while the sources run: what is meant by a line that stays keeps its associations and samples.
#include <algorithm>
#include <utility>

#include "engine/authentication.h"
#include "engine/event_log.h"
#include "engine/sources.h"

namespace ntp::engine {
namespace {

/// Lines that mean the same hosts, whatever their options are.
bool is_same_line(const SourceSettings& a, const SourceSettings& b) {
  return a.kind == b.kind && a.name == b.name && a.wanted == b.wanted && a.port == b.port;
}

/// True if a key of this id proved what came in, and proves nothing now: it is gone, not trusted, or has another secret.
bool is_revoked(std::uint32_t id, const policy::KeyRing* before, const policy::KeyRing* after) {
  if (before == after || before == nullptr || id == 0) return false;
  const policy::Key* const old_key = before->find_trusted(id);
  if (old_key == nullptr) return false;
  const policy::Key* const key = after == nullptr ? nullptr : after->find_trusted(id);
  return key == nullptr || key->mac != old_key->mac;
}

}  // namespace

SourceChanges Sources::reconfigure(const Now& now, const Settings& settings, const policy::KeyRing* old_keys,
                                   Effects& out) {
  const KeyChange keys{.before = old_keys, .after = settings.keys.get()};
  SourceChanges changes;
  max_clock_ = settings.selection.max_clock;
  const std::vector<std::optional<std::size_t>> moved_to = take_lines(settings, keys, changes);

  for (std::size_t i = associations_.size(); i-- > 0;) {
    Association& a = *associations_[i];
    if (const auto index = moved_to[a.source_index]; index)
      a.source_index = *index;
    else
      demobilise(now, a, out);
  }
  for (const auto& a : associations_) {
    const SourceSettings& line = lines_[a->source_index].settings;
    const bool has_lost_key =
        a->settings.key_id == line.key_id &&
        (is_revoked(line.key_id, keys.before, keys.after) ||
         (key_state(*a, keys.before) == KeyState::usable && key_state(*a, keys.after) == KeyState::foreign));
    apply(now, *a, line, out);
    if (has_lost_key) start_anew(now, *a, out);
  }
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    Line& line = lines_[i];
    if (line.token != 0 || find_by_line(i) != nullptr) continue;
    if (line.settings.address)
      adopt_or_mobilise(now, i, out);
    else if (line.addresses.empty() || line.look_up_at != MonoTime::never())
      look_up_anew(line, out);
  }
  return changes;
}

/// The lines become those of `settings`; for each old line, where it stands now (nothing: it is gone).
std::vector<std::optional<std::size_t>> Sources::take_lines(const Settings& settings, const KeyChange& keys,
                                                            SourceChanges& changes) {
  std::vector<Line> old = std::exchange(lines_, {});
  std::vector<std::optional<std::size_t>> moved_to(old.size());
  for (const SourceSettings& source : settings.sources) {
    std::size_t match = 0;
    while (match < old.size() && (moved_to[match] || !is_same_line(old[match].settings, source))) ++match;
    if (match == old.size()) {
      ++changes.added;
      lines_.emplace_back().settings = source;
      continue;
    }
    moved_to[match] = lines_.size();
    Line& line = lines_.emplace_back(std::move(old[match]));
    if (line.settings.key_id != source.key_id || is_revoked(source.key_id, keys.before, keys.after))
      ++changes.restarted;
    else if (line.settings == source)
      ++changes.unchanged;
    else
      ++changes.changed;
    line.settings = source;
  }
  changes.removed = static_cast<std::size_t>(std::count(moved_to.begin(), moved_to.end(), std::nullopt));
  return moved_to;
}

/// New, or it has failed so far: an operator who reloads waits for it, and wants to know if it fails again.
void Sources::look_up_anew(Line& line, Effects& out) {
  line.back_off_s = 0;
  line.has_failed = false;
  look_up(line, out);
}

/// The line's options of now hold for an association that was made under others.
void Sources::apply(const Now& now, Association& a, const SourceSettings& settings, Effects& out) {
  if (a.settings == settings) return;
  const bool is_other_key = a.settings.key_id != settings.key_id;
  a.settings = settings;
  const MonoTime due = a.poll.due();
  a.poll.reconfigure(settings);
  if (a.is_resting()) a.poll.defer(due);
  // Nothing has to be waited for, and its new stratum or name should be seen at once.
  if (a.is_local_clock()) a.poll.defer(now.mono);
  if (is_other_key) start_anew(now, a, out);
}

bool Sources::reset_counters(const std::optional<Endpoint>& remote) {
  bool is_found = false;
  for (const auto& a : associations_) {
    if (remote && (a->remote.address != remote->address || (remote->port != 0 && a->remote.port != remote->port)))
      continue;
    is_found = true;
    // What the last packet was refused for is no count, and when the log was told of it is the log's.
    AssociationCounters& counters = a->counters;
    counters = {.bad_auth_told_at = counters.bad_auth_told_at, .last_refused = counters.last_refused};
  }
  return is_found;
}

/// What came in under another key (or under none) has nobody's word for it now.
void Sources::start_anew(const Now& now, Association& a, Effects& out) {
  report(now, a, state::PeerEvent::restart, out, "another key");
  a.flush();
  forgotten_.push_back(a.id);
  a.denials_in_a_row = 0;
  reopen(a, out);
  a.poll.restart(now.mono);
}

/// A host that a pool or a name has brought already stays the association that it is: one server must not vote twice.
void Sources::adopt_or_mobilise(const Now& now, std::size_t index, Effects& out) {
  const Endpoint remote{*lines_[index].settings.address, lines_[index].settings.port};
  const auto found = std::find_if(associations_.begin(), associations_.end(), [&](const auto& a) {
    return !a->is_local_clock() && a->remote == remote && !lines_[a->source_index].settings.address;
  });
  if (found == associations_.end()) {
    mobilise(now, index, remote.address, out);
    return;
  }
  Association& a = **found;
  Line& former = lines_[a.source_index];
  a.source_index = index;
  apply(now, a, lines_[index].settings, out);
  if (former.token == 0 && former.look_up_at == MonoTime::never()) look_up(former, out);
}

}  // namespace ntp::engine
