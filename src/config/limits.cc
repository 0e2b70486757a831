// SPDX-License-Identifier: BSD-2-Clause
//
// discard, limit and mru: how often an address may ask, and how many addresses are remembered.
#include <array>
#include <utility>

#include "config/handlers.h"

namespace ntp::config {
namespace {

/// Where an option's number goes.
template <class Settings, class Value>
struct Field {
  std::string_view name;
  std::optional<Value> Settings::* member;
  std::optional<Value> Settings::* rival = nullptr;  ///< says the same in another unit: the later word wins
};

constexpr auto kDiscardFields = std::to_array<Field<Discard, int>>({
    {"average", &Discard::average_log2s},
    {"minimum", &Discard::minimum_s},
    {"monitor", &Discard::monitor_probability},
});
constexpr auto kLimitFields = std::to_array<Field<Limit, double>>({
    {"average", &Limit::average_per_s},
    {"burst", &Limit::burst},
    {"kod", &Limit::kod_per_s},
});
constexpr auto kMruFields = std::to_array<Field<Mru, long long>>({
    {"initalloc", &Mru::initial_entries, &Mru::initial_kB},
    {"initmem", &Mru::initial_kB, &Mru::initial_entries},
    {"incalloc", &Mru::step_entries, &Mru::step_kB},
    {"incmem", &Mru::step_kB, &Mru::step_entries},
    {"mindepth", &Mru::min_entries},
    {"maxdepth", &Mru::max_entries, &Mru::max_kB},
    {"maxmem", &Mru::max_kB, &Mru::max_entries},
    {"minage", &Mru::min_age_s},
    {"maxage", &Mru::max_age_s},
});

template <class Settings, class Value, std::size_t kCount>
Handled handle_fields(Arguments& arguments, Settings& settings,
                      const std::array<Field<Settings, Value>, kCount>& fields) {
  Settings changed = settings;
  do {
    const auto option = arguments.take_option(arguments.command().options);
    if (!option) return std::unexpected(option.error());
    for (const Field<Settings, Value>& field : fields) {
      if (field.name != option->entry->name) continue;
      changed.*field.member = static_cast<Value>(option->real);
      if (field.rival != nullptr) (changed.*field.rival).reset();
    }
  } while (!arguments.at_end());
  settings = std::move(changed);
  return {};
}

}  // namespace

Handled handle_discard(Arguments& arguments, Config& config) {
  return handle_fields(arguments, config.discard, kDiscardFields);
}

Handled handle_limit(Arguments& arguments, Config& config) {
  return handle_fields(arguments, config.limit, kLimitFields);
}

Handled handle_mru(Arguments& arguments, Config& config) { return handle_fields(arguments, config.mru, kMruFields); }

}  // namespace ntp::config
