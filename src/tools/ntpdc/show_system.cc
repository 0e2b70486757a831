// SPDX-License-Identifier: BSD-2-Clause
//
// The system, its clock and its reference clocks: sysinfo, loopinfo, kerninfo, clockstat, clkbug.
#include <algorithm>
#include <array>
#include <span>
#include <string>

#include <fmt/format.h>

#include "client/variables.h"
#include "tools/ntpdc/commands.h"
#include "tools/ntpdc/number_text.h"
#include "tools/ntpdc/words.h"
#include "wire/refid.h"

namespace ntp::tools::ntpdc {
namespace {

using wire::PrivateCode;

std::string line(const char* title, const std::string& value) { return fmt::format("{:<22}{}\n", title, value); }
template <class Number>
std::string line(const char* title, Number value) {
  return fmt::format("{:<22}{}\n", title, value);
}

std::string system_flag_words(std::uint8_t flags) {
  struct Word {
    std::uint8_t bit;
    const char* word;
  };
  constexpr std::array kWords{
      Word{wire::kSystemFollowsBroadcasts, "bclient"}, Word{wire::kSystemAuthenticates, "auth"},
      Word{wire::kSystemMonitors, "monitor"},          Word{wire::kSystemSetsClock, "ntp"},
      Word{wire::kSystemUsesKernel, "kernel"},         Word{wire::kSystemWritesStatistics, "stats"},
  };
  std::string text;
  for (const Word& word : kWords)
    if ((flags & word.bit) != 0) text += fmt::format("{} ", word.word);
  return text.empty() ? "none" : text;
}

/// 16.16 ppm, as adjtimex has it.
std::string ppm(std::int32_t scaled) { return decimal(scaled / 65536.0, 3) + " ppm"; }

/// The clocks that the words name.
std::optional<std::vector<wire::WordItem>> clocks_of(Console& console, const Words& words) {
  std::vector<wire::WordItem> items;
  for (const std::string& word : words) {
    const auto address = Address::parse(word);
    if (!address || !address->is_refclock()) {
      console.complain(
          fmt::format("***{} is no reference clock: their addresses begin with 127.127", client::printable(word)));
      return std::nullopt;
    }
    items.push_back({address->v4_host_order()});
  }
  return items;
}

std::string text_of(const wire::ClockInfoItem& clock) {
  std::string text = line("clock address:", clock.clock.text());
  text += line("clock type:", clock_type_text(clock.type));
  text += line("last event:", clock.last_event);
  text += line("current status:", clock.status);
  text += line("number of polls:", clock.polls);
  text += line("no response to poll:", clock.no_response);
  text += line("bad format responses:", clock.bad_format);
  text += line("bad data responses:", clock.bad_data);
  text += line("running time:", clock.since_start_s);
  text += line("fudge time 1:", decimal(clock.time1_s, 6, Plus::shown));
  text += line("fudge time 2:", decimal(clock.time2_s, 6, Plus::shown));
  text += line("stratum:", clock.stratum);
  text += line("reference ID:", refid_text(clock.refid, 1));
  return text + line("fudge flags:", fmt::format("0x{:x}", clock.flags));
}

std::string text_of(const Console& console, const wire::ClockDebugItem& clock) {
  constexpr std::size_t kInRow = 4;
  const std::size_t values = std::min<std::size_t>(clock.value_count, wire::ClockDebugItem::kValues);
  const std::size_t times = std::min<std::size_t>(clock.time_count, wire::ClockDebugItem::kTimes);
  std::string text = line("clock address:", clock.clock.text()) + fmt::format("values: {}\n", values);
  for (std::size_t i = 0; i < values; ++i) {
    if ((clock.signed_values >> i & 1U) != 0)
      text += fmt::format("{:>12}", static_cast<std::int32_t>(clock.values[i]));
    else
      text += fmt::format("{:>12}", clock.values[i]);
    if (i % kInRow == kInRow - 1 || i + 1 == values) text += '\n';
  }
  text += fmt::format("times: {}\n", times);
  for (std::size_t i = 0; i < times; ++i) {
    const bool is_signed = (clock.signed_times >> i & 1U) != 0;
    const Span span = clock.times[i] - Timestamp();
    text += fmt::format("{}\n", is_signed ? decimal(span.seconds(), 6, Plus::shown) : console.stamp(clock.times[i]));
  }
  return text;
}

}  // namespace

void run_sysinfo(Console& console, const Words&) {
  const auto info = console.item<wire::SystemInfoItem>(PrivateCode::system_info);
  if (!info) return;
  std::string text = line("system peer:", console.name_of(info->peer));
  text += line("system peer mode:", mode_word(info->peer_mode));
  text += line("leap indicator:", leap_bits(info->leap));
  text += line("stratum:", info->stratum);
  text += line("precision:", info->precision_log2s);
  text += line("root distance:", decimal(info->root_delay_s, 5) + " s");
  text += line("root dispersion:", decimal(info->root_dispersion_s, 5) + " s");
  text += line("reference ID:", fmt::format("[{}]", refid_text(info->refid, info->stratum)));
  text += line("reference time:", console.stamp(info->reference));
  text += line("system flags:", system_flag_words(info->flags));
  text += line("jitter:", decimal(info->jitter_s, 6) + " s");
  text += line("stability:", decimal(info->stability_ppm, 3) + " ppm");
  text += line("broadcastdelay:", decimal(info->broadcast_delay_s, 6) + " s");
  text += line("authdelay:", decimal(info->authentication_delay_s, 6, Plus::shown) + " s");
  console.print(text);
}

void run_loopinfo(Console& console, const Words& words) {
  const bool is_one_line = !words.empty() && words[0] == "oneline";
  if (!words.empty() && !is_one_line && words[0] != "multiline")
    return console.explain_use("loopinfo [oneline|multiline]");
  const auto info = console.item<wire::LoopInfoItem>(PrivateCode::loop_info);
  if (!info) return;
  const std::string offset = decimal(info->offset_s, 6, Plus::shown);
  const std::string frequency = decimal(info->frequency_ppm, 3, Plus::shown);
  if (is_one_line)
    return console.print(fmt::format("offset {}, frequency {}, time_const {}, watchdog {}\n", offset, frequency,
                                     info->poll_adjust, info->since_update_s));
  console.print(line("offset:", offset + " s") + line("frequency:", frequency + " ppm") +
                line("poll adjust:", info->poll_adjust) +
                line("watchdog timer:", fmt::format("{} s", info->since_update_s)));
}

void run_kerninfo(Console& console, const Words&) {
  const auto info = console.item<wire::KernelInfoItem>(PrivateCode::kernel_info);
  if (!info) return;
  constexpr std::uint16_t kNanoseconds = 0x2000;
  const double unit_s = (info->status & kNanoseconds) != 0 ? 1e-9 : 1e-6;
  const auto seconds = [](double value) { return fmt::format("{:g} s", value); };
  std::string text = line("pll offset:", seconds(info->offset * unit_s));
  text += line("pll frequency:", ppm(info->frequency));
  text += line("maximum error:", seconds(info->max_error * 1e-6));
  text += line("estimated error:", seconds(info->estimated_error * 1e-6));
  text += line("status:", fmt::format("{:04x}  {}", info->status, kernel_status_words(info->status)));
  text += line("pll time constant:", info->time_constant);
  text += line("precision:", seconds(info->precision * unit_s));
  text += line("frequency tolerance:", fmt::format("{:g} ppm", info->tolerance / 65536.0));
  if (info->shift != 0) {
    text += line("pps frequency:", ppm(info->pps_frequency));
    text += line("pps stability:", ppm(info->pps_stability));
    text += line("pps jitter:", seconds(info->pps_jitter * unit_s));
    text += line("calibration interval:", fmt::format("{} s", 1UL << std::min<unsigned>(info->shift, 30)));
    text += line("calibration cycles:", info->calibrations);
    text += line("jitter exceeded:", info->jitter_exceeded);
    text += line("stability exceeded:", info->stability_exceeded);
    text += line("calibration errors:", info->calibration_errors);
  }
  console.print(text);
}

void run_clockstat(Console& console, const Words& words) {
  const auto named = clocks_of(console, words);
  if (!named) return;
  const auto request = client::make_private_request(PrivateCode::clock_info, std::span<const wire::WordItem>(*named));
  const auto clocks = console.items<wire::ClockInfoItem>(request);
  if (!clocks) return;
  for (std::size_t i = 0; i < clocks->size(); ++i) console.print((i == 0 ? "" : "\n") + text_of((*clocks)[i]));
}

void run_clkbug(Console& console, const Words& words) {
  const auto named = clocks_of(console, words);
  if (!named) return;
  const auto request = client::make_private_request(PrivateCode::clock_debug, std::span<const wire::WordItem>(*named));
  const auto clocks = console.items<wire::ClockDebugItem>(request);
  if (!clocks) return;
  for (std::size_t i = 0; i < clocks->size(); ++i) console.print((i == 0 ? "" : "\n") + text_of(console, (*clocks)[i]));
}

}  // namespace ntp::tools::ntpdc
