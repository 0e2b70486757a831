// SPDX-License-Identifier: BSD-2-Clause
#include "control/traps.h"

#include <algorithm>

#include "control/reply.h"

namespace ntp::control {
namespace {

/// More trap lines than this are left out.
constexpr std::size_t kMostConfigured = 16;

}  // namespace

void Traps::configure(const std::vector<Endpoint>& endpoints) {
  std::vector<Trap> next;
  for (const Endpoint& endpoint : endpoints) {
    if (next.size() == kMostConfigured) break;
    const auto old =
        std::find_if(configured_.begin(), configured_.end(), [&](const Trap& trap) { return trap.remote == endpoint; });
    next.push_back(old != configured_.end() ? *old : Trap{.remote = endpoint});
  }
  configured_ = std::move(next);
}

bool Traps::set(const Wish& wish, MonoTime now) {
  const auto is_free = [&](const std::optional<Trap>& place) { return !place || place->until < now; };
  auto place = std::find_if(places_.begin(), places_.end(), [&](const std::optional<Trap>& each) {
    return !is_free(each) && each->remote == wish.remote;
  });
  const bool is_known = place != places_.end();
  if (!is_known) place = std::find_if(places_.begin(), places_.end(), is_free);
  if (place == places_.end() && !wish.is_low_priority)
    place = std::find_if(places_.begin(), places_.end(),
                         [](const std::optional<Trap>& each) { return each->is_low_priority; });
  if (place == places_.end()) return false;
  *place = Trap{.remote = wish.remote,
                .version = wish.version,
                .sequence = is_known ? (*place)->sequence : std::uint16_t{1},
                .is_low_priority = wish.is_low_priority,
                .until = wish.stays ? MonoTime::never() : now + kTrapLife_s,
                .set_at = now,
                .first_set_at = is_known ? (*place)->first_set_at : now,
                .resets = is_known ? (*place)->resets + 1 : 0};
  return true;
}

bool Traps::unset(const Endpoint& remote, MonoTime now) {
  for (auto& place : places_) {
    if (!place || place->until < now || place->remote != remote) continue;
    place.reset();
    return true;
  }
  return false;
}

TrapView Traps::view_of(const Trap& trap, MonoTime now) {
  const bool stays = trap.until == MonoTime::never();
  return {.remote = trap.remote,
          .sequence = trap.sequence,
          .since_set_s = now - trap.set_at,
          .since_first_set_s = now - trap.first_set_at,
          .resets = trap.resets,
          .is_configured = stays,
          .is_low_priority = trap.is_low_priority};
}

std::vector<TrapView> Traps::list(MonoTime now) const {
  std::vector<TrapView> all;
  for (const Trap& trap : configured_) all.push_back(view_of(trap, now));
  for (const auto& place : places_)
    if (place && place->until >= now) all.push_back(view_of(*place, now));
  return all;
}

bool Traps::is_empty(MonoTime now) const {
  return configured_.empty() && std::none_of(places_.begin(), places_.end(), [&](const std::optional<Trap>& place) {
           return place && place->until >= now;
         });
}

std::size_t Traps::send(Trap& trap, wire::ControlHeader head, const AnswerText& text, Replies& out) {
  head.version = trap.version;
  head.sequence = trap.sequence++;
  for (std::size_t i = 0; i < text.fragment_count(); ++i) {
    const Fragment fragment = text.fragment(i);
    head.offset = static_cast<std::uint16_t>(fragment.offset);
    head.count = static_cast<std::uint16_t>(fragment.length);
    head.has_more = fragment.has_more;
    put_datagram(trap.remote, head, text.text().substr(fragment.offset, fragment.length), out);
  }
  return text.fragment_count();
}

std::size_t Traps::report(const wire::ControlHeader& head, const AnswerText& text, MonoTime now, Replies& out) {
  std::size_t sent = 0;
  for (Trap& trap : configured_) sent += send(trap, head, text, out);
  for (auto& place : places_)
    if (place && place->until >= now) sent += send(*place, head, text, out);
  return sent;
}

}  // namespace ntp::control
