// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace ntp::ntpq {
namespace {

constexpr std::array kIntervals_s = {1.0, 2.0, 5.0, 10.0, 30.0, 60.0};
/// Names of clients come and go; a server has no more sources than that.
constexpr std::size_t kMostNames = 4096;

std::size_t nearest_interval(double interval_s) {
  const auto distance = [interval_s](double step_s) { return std::abs(step_s - interval_s); };
  const auto* nearest = std::ranges::min_element(kIntervals_s, {}, distance);
  return static_cast<std::size_t>(nearest - kIntervals_s.begin());
}

/// What the filter still knows from before the watch began: it keeps eight, the newest first.
void begin_history(WatchedSource& source, const SourceSample& sample) {
  const auto& filter = sample.filter_offsets_ms;
  for (std::size_t i = filter.size(); i > 1; --i) source.offsets_ms.push(filter[i - 1]);
}

}  // namespace

WatchModel::WatchModel(std::string server, double interval_s, bool shows_names)
    : server_(std::move(server)), interval_index_(nearest_interval(interval_s)), shows_names_(shows_names) {}

// ---------------------------------------------------------------------------------------------------------------- samples

void WatchModel::take(const Sample& sample, const Moment& now) {
  if (const auto* trouble = std::get_if<Trouble>(&sample)) {
    // What people want to know is since when the picture is old.
    if (trouble_)
      trouble_->text = trouble->text;
    else
      trouble_ = WatchTrouble{.text = trouble->text, .since = heard_at_.value_or(now)};
    return;
  }
  if (const auto* name = std::get_if<NameSample>(&sample)) {
    if (names_.size() < kMostNames || names_.contains(name->address)) names_[name->address] = name->name;
    return;
  }
  trouble_.reset();
  heard_at_ = now;
  if (const auto* clock = std::get_if<ClockSample>(&sample)) {
    clock_ = *clock;
  } else if (const auto* list = std::get_if<std::vector<ListedSource>>(&sample)) {
    take_list(*list);
  } else if (const auto* source = std::get_if<SourceSample>(&sample)) {
    take_source(*source, now);
  } else if (const auto* reason = std::get_if<ReasonSample>(&sample)) {
    if (WatchedSource* of = find(reason->association_id)) of->why = reason->text;
  } else if (const auto* clients = std::get_if<ClientsSample>(&sample)) {
    clients_ = *clients;
    clients_refused_.clear();
    clients_sampled_s_ = now.steady_s;
  } else if (const auto* refused = std::get_if<ClientsRefused>(&sample)) {
    clients_.reset();
    clients_refused_ = refused->why;
  }
}

void WatchModel::take_list(const std::vector<ListedSource>& list) {
  const std::optional<std::size_t> place = selected();
  std::vector<WatchedSource> sources;
  for (const ListedSource& listed : list) {
    WatchedSource* known = find(listed.association_id);
    sources.push_back(known == nullptr ? WatchedSource{} : std::move(*known));
    sources.back().listed = listed;
    sources.back().sample.association_id = listed.association_id;
  }
  sources_ = std::move(sources);
  if (sources_.empty()) {
    selected_id_ = 0;
  } else if (find(selected_id_) == nullptr) {
    selected_id_ = sources_[std::min(place.value_or(0), sources_.size() - 1)].listed.association_id;
  }
}

void WatchModel::take_source(const SourceSample& sample, const Moment& now) {
  WatchedSource* source = find(sample.association_id);
  if (source == nullptr) return;
  const bool is_another = source->sample.address != sample.address;
  if (is_another) source->offsets_ms.clear();
  if (source->offsets_ms.empty()) begin_history(*source, sample);
  const bool is_measured = sample.offset_ms && sample.reach.value_or(0) != 0;
  if (is_measured && (is_another || source->sample.received_at != sample.received_at))
    source->offsets_ms.push(*sample.offset_ms);
  source->sample = sample;
  source->sampled_s = now.steady_s;
}

WatchedSource* WatchModel::find(std::uint16_t association_id) {
  const auto found = std::ranges::find(sources_, association_id,
                                       [](const WatchedSource& source) { return source.listed.association_id; });
  return found == sources_.end() ? nullptr : &*found;
}

std::string WatchModel::called(const std::string& address) const {
  if (!shows_names_) return address;
  const auto found = names_.find(address);
  return found == names_.end() ? address : found->second;
}

std::optional<std::size_t> WatchModel::selected() const {
  for (std::size_t i = 0; i < sources_.size(); ++i)
    if (sources_[i].listed.association_id == selected_id_) return i;
  return std::nullopt;
}

WatchWishes WatchModel::wishes() const {
  return {.interval_s = kIntervals_s.at(interval_index_),
          .is_paused = is_paused_,
          .wants_clients = page_ != WatchPage::detail,
          .wants_names = shows_names_,
          .selected = selected_id_};
}

// ------------------------------------------------------------------------------------------------------------------- keys

void WatchModel::press(WatchKey key) {
  switch (key) {
    case WatchKey::none:
      return;
    case WatchKey::up:
    case WatchKey::down:
    case WatchKey::page_up:
    case WatchKey::page_down:
    case WatchKey::first:
    case WatchKey::last:
      return page_ == WatchPage::sources ? move(key) : scroll_by(key);
    case WatchKey::detail:
      return show(page_ == WatchPage::detail || sources_.empty() ? WatchPage::sources : WatchPage::detail);
    case WatchKey::clients:
      return show(page_ == WatchPage::clients ? WatchPage::sources : WatchPage::clients);
    case WatchKey::sources:
      return show(WatchPage::sources);
    case WatchKey::help:
      return show(page_ == WatchPage::help ? page_before_help_ : WatchPage::help);
    case WatchKey::back:
      return show(page_ == WatchPage::help ? page_before_help_ : WatchPage::sources);
    case WatchKey::names:
      shows_names_ = !shows_names_;
      return;
    case WatchKey::wide:
      is_wide_ = !is_wide_;
      return;
    case WatchKey::pause:
      is_paused_ = !is_paused_;
      return;
    case WatchKey::faster:
      return change_interval(-1);
    case WatchKey::slower:
      return change_interval(1);
    case WatchKey::quit:
      has_quit_ = true;
      return;
  }
}

namespace {

/// Where a key leads from `place`, in a list whose last place is `last`.
std::size_t moved(std::size_t place, WatchKey key, std::size_t last, std::size_t page) {
  const auto down = [&](std::size_t lines) { return std::min(last, place + lines); };
  const auto up = [&](std::size_t lines) { return place > lines ? place - lines : 0; };
  if (key == WatchKey::down) return down(1);
  if (key == WatchKey::page_down) return down(page);
  if (key == WatchKey::last) return last;
  if (key == WatchKey::up) return up(1);
  if (key == WatchKey::page_up) return up(page);
  return 0;
}

}  // namespace

void WatchModel::move(WatchKey key) {
  if (sources_.empty()) return;
  const std::size_t place = moved(selected().value_or(0), key, sources_.size() - 1, page_lines_);
  selected_id_ = sources_[place].listed.association_id;
}

void WatchModel::scroll_by(WatchKey key) { scroll_ = moved(scroll_, key, most_scroll_, page_lines_); }

void WatchModel::show(WatchPage page) {
  if (page == WatchPage::help) page_before_help_ = page_;
  page_ = page;
  scroll_ = 0;
}

void WatchModel::set_extent(std::size_t most_scroll, std::size_t page_lines) {
  most_scroll_ = most_scroll;
  scroll_ = std::min(scroll_, most_scroll_);
  page_lines_ = std::max<std::size_t>(page_lines, 1);
}

void WatchModel::change_interval(int steps) {
  const auto last = static_cast<int>(kIntervals_s.size()) - 1;
  interval_index_ = static_cast<std::size_t>(std::clamp(static_cast<int>(interval_index_) + steps, 0, last));
}

}  // namespace ntp::ntpq
