// SPDX-License-Identifier: BSD-2-Clause
//
// A new configuration for a running engine.
#include <utility>

#include "engine/engine_impl.h"
#include "engine/orphan.h"

namespace ntp::engine {

SourceChanges Engine::Impl::reconfigure(const Now& now, Settings settings, Effects& out) {
  look_for_jump(now, out);
  settings.discipline.algorithm = settings_.discipline.algorithm;
  const bool has_other_rules = settings.selection != settings_.selection || settings.discipline != settings_.discipline;
  const bool has_other_orphan_rules = settings.selection.orphan_stratum != settings_.selection.orphan_stratum;
  settings_.sources = std::move(settings.sources);
  settings_.selection = settings.selection;
  settings_.discipline = settings.discipline;
  const std::shared_ptr<const policy::KeyRing> old_keys = std::exchange(settings_.keys, std::move(settings.keys));
  settings_.leap_table = std::move(settings.leap_table);
  settings_.spare_leap_table = std::move(settings.spare_leap_table);
  if (settings.leap_smear_interval_s != settings_.leap_smear_interval_s) {
    settings_.leap_smear_interval_s = settings.leap_smear_interval_s;
    report_smear(out);
  }
  leap_.configure(settings_);
  settings_.statistics = settings.statistics;
  begin_error_records(now);

  const SourceChanges changes = sources_.reconfigure(now, settings_, old_keys.get(), out);
  ask_where_keys_came(now);
  // Also where no line is another one: a key's address list may allow a source no more.
  const bool has_other_keys = settings_.keys != old_keys;
  if (changes.is_none() && !has_other_rules && !has_other_keys) return changes;
  clock_->reconfigure(settings_.discipline);
  // The next choice makes it an orphan of the new stratum, or of none.
  if (has_other_orphan_rules && system_.is_orphan()) system_.lose();
  progress_.orphan_check_at = MonoTime::never();
  schedule_orphan_check();
  update_system(now, out);
  publish(now, out);
  note_changes(now);
  return changes;
}

void Engine::Impl::begin_error_records(const Now& now) {
  if (!settings_.statistics.has_error)
    progress_.next_error_record = MonoTime::never();
  else if (progress_.next_error_record == MonoTime::never())
    progress_.next_error_record = now.mono + kErrorRecordInterval_s;
}

}  // namespace ntp::engine
