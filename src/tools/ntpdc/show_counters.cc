// SPDX-License-Identifier: BSD-2-Clause
//
// Counters: sysstats, iostats, memstats, timerstats, authinfo, ctlstats.
#include <string>

#include <fmt/format.h>

#include "tools/ntpdc/commands.h"

namespace ntp::tools::ntpdc {
namespace {

using wire::PrivateCode;

/// Lines of a title and a number, the numbers in one column.
class Lines {
 public:
  explicit Lines(std::size_t column) : column_(column) {}
  template <class Number>
  Lines& add(const char* title, Number value) {
    text_ += fmt::format("{:<{}}{}\n", title, column_, value);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::size_t column_;
  std::string text_;
};

}  // namespace

void run_sysstats(Console& console, const Words&) {
  const auto stats = console.item<wire::SystemStatsItem>(PrivateCode::system_stats);
  if (!stats) return;
  console.print(Lines(24)
                    .add("time since restart:", stats->uptime_s)
                    .add("time since reset:", stats->since_reset_s)
                    .add("packets received:", stats->received)
                    .add("packets processed:", stats->processed)
                    .add("current version:", stats->current_version)
                    .add("previous version:", stats->older_version)
                    .add("declined:", stats->declined)
                    .add("access denied:", stats->denied)
                    .add("bad length or format:", stats->bad_format)
                    .add("bad authentication:", stats->bad_authentication)
                    .add("rate exceeded:", stats->limited)
                    .text());
}

void run_iostats(Console& console, const Words&) {
  const auto stats = console.item<wire::IoStatsItem>(PrivateCode::io_stats);
  if (!stats) return;
  console.print(Lines(22)
                    .add("time since reset:", stats->since_reset_s)
                    .add("receive buffers:", stats->total_buffers)
                    .add("free receive buffers:", stats->free_buffers)
                    .add("used receive buffers:", stats->used_buffers)
                    .add("low water refills:", stats->low_water)
                    .add("dropped packets:", stats->dropped)
                    .add("ignored packets:", stats->ignored)
                    .add("received packets:", stats->received)
                    .add("packets sent:", stats->sent)
                    .add("packets not sent:", stats->send_failed)
                    .add("interrupts handled:", stats->wakeups)
                    .add("received by int:", stats->useful_wakeups)
                    .text());
}

void run_memstats(Console& console, const Words&) {
  const auto stats = console.item<wire::MemoryStatsItem>(PrivateCode::memory_stats);
  if (!stats) return;
  constexpr std::size_t kInRow = 8;
  std::string text = Lines(22)
                         .add("time since reset:", stats->since_reset_s)
                         .add("total peer memory:", stats->total_peers)
                         .add("free peer memory:", stats->free_peers)
                         .add("calls to findpeer:", stats->searches)
                         .add("new peer allocations:", stats->allocations)
                         .add("peer demobilizations:", stats->demobilizations)
                         .text();
  text += fmt::format("{:<21}", "hash table counts:");
  for (std::size_t i = 0; i < wire::MemoryStatsItem::kBuckets; ++i) {
    if (i != 0 && i % kInRow == 0) text += "\n" + std::string(21, ' ');
    text += fmt::format("{:>4}", stats->buckets[i]);
  }
  console.print(text + "\n");
}

void run_timerstats(Console& console, const Words&) {
  const auto stats = console.item<wire::TimerStatsItem>(PrivateCode::timer_stats);
  if (!stats) return;
  console.print(Lines(19)
                    .add("time since reset:", stats->since_reset_s)
                    .add("alarms handled:", stats->alarms)
                    .add("alarm overruns:", stats->overruns)
                    .add("calls to transmit:", stats->transmits)
                    .text());
}

void run_authinfo(Console& console, const Words&) {
  const auto info = console.item<wire::AuthenticationInfoItem>(PrivateCode::authentication_info);
  if (!info) return;
  console.print(Lines(22)
                    .add("time since reset:", info->since_reset_s)
                    .add("stored keys:", info->stored)
                    .add("free keys:", info->free)
                    .add("key lookups:", info->lookups)
                    .add("keys not found:", info->not_found)
                    .add("uncached keys:", info->uncached)
                    .add("encryptions:", info->signed_packets)
                    .add("decryptions:", info->verified_packets)
                    .add("expired keys:", info->expired)
                    .text());
}

void run_ctlstats(Console& console, const Words&) {
  const auto stats = console.item<wire::ControlStatsItem>(PrivateCode::control_stats);
  if (!stats) return;
  console.print(Lines(24)
                    .add("time since reset:", stats->since_reset_s)
                    .add("requests received:", stats->requests)
                    .add("responses sent:", stats->responses)
                    .add("fragments sent:", stats->fragments)
                    .add("async messages sent:", stats->asynchronous)
                    .add("error msgs sent:", stats->errors)
                    .add("total bad pkts:", stats->bad)
                    .add("packet too short:", stats->too_short)
                    .add("response on input:", stats->is_response)
                    .add("fragment on input:", stats->is_fragment)
                    .add("error set on input:", stats->has_error)
                    .add("bad offset on input:", stats->bad_offset)
                    .add("bad version packets:", stats->bad_version)
                    .add("data in pkt too short:", stats->data_short)
                    .add("unknown op codes:", stats->bad_opcode)
                    .text());
}

}  // namespace ntp::tools::ntpdc
