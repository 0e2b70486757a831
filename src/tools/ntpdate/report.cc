// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpdate/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/json_text.h"
#include "client/time_text.h"

namespace ntp::tools::ntpdate {
namespace {

using client::TimeAnswer;
using client::TimeOutcome;

constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/// Values in a line of the filter.
constexpr std::size_t kFilterWidth = 4;
constexpr std::size_t kFilterSize = 8;

/// What the classic calls dispersion: how far the samples spread about the best one, those of small delay first.
double spread_s(const TimeOutcome& outcome) {
  std::vector<client::TimeSample> samples;
  for (const TimeAnswer& one : outcome.answers)
    if (!one.fault) samples.push_back(*one.sample);
  std::ranges::sort(samples, {}, &client::TimeSample::delay_s);
  double sum_s = 0;
  for (std::size_t i = samples.size(); i-- > 1;)
    sum_s = (sum_s + std::abs(samples[i].offset_s - samples[0].offset_s)) / 2;
  return sum_s;
}

/// Two lines of four values, the newest first; "----" where there is none.
template <class Value>
std::string filter_lines(const std::string& title, const TimeOutcome& outcome, Value value) {
  std::vector<std::string> cells;
  for (auto one = outcome.answers.rbegin(); one != outcome.answers.rend() && cells.size() < kFilterSize; ++one)
    cells.push_back(one->sample ? value(*one->sample) : "----");
  cells.resize(kFilterSize, "----");
  std::string text;
  for (std::size_t i = 0; i < kFilterSize; ++i) {
    if (i % kFilterWidth == 0) text += i == 0 ? title : "               ";
    text += fmt::format("{:<10}", cells[i]);
    text += (i + 1) % kFilterWidth == 0 ? "\n" : " ";
  }
  return text;
}

/// The answer that the header's fields are printed of: the best one, else the last that there is.
const TimeAnswer* telling(const TimeOutcome& outcome) {
  if (const TimeAnswer* const best = outcome.best()) return best;
  const auto last = std::find_if(outcome.answers.rbegin(), outcome.answers.rend(),
                                 [](const TimeAnswer& one) { return one.sample.has_value(); });
  return last == outcome.answers.rend() ? nullptr : &*last;
}

std::string refid_text(const wire::Header& header) {
  return header.stratum <= 1 && header.refid.bits != 0 ? wire::to_text(header.refid, header.stratum)
                                                       : Address::v4(header.refid.bits).text();
}

std::string json_server(const TimeOutcome& outcome) {
  const std::string head = fmt::format("{{\"server\":\"{}\",\"address\":\"{}\"", json_text(outcome.server.name),
                                       outcome.server.endpoint.address.text());
  const TimeAnswer* const best = outcome.best();
  if (best == nullptr) return fmt::format("{},\"error\":\"{}\"}}", head, json_text(outcome.failure_text()));
  return fmt::format("{},\"stratum\":{},\"offset\":{:.9f},\"delay\":{:.9f},\"distance\":{:.9f},\"leap\":{}}}", head,
                     best->header.stratum, best->sample->offset_s, best->sample->delay_s, best->sample->root_distance_s,
                     static_cast<int>(best->header.leap));
}

}  // namespace

std::string log_line(const std::tm& now, std::int64_t process, std::string_view text) {
  return fmt::format("{:2} {} {:02}:{:02}:{:02} ntpdate[{}]: {}\n", now.tm_mday,
                     kMonths[static_cast<std::size_t>(now.tm_mon) % kMonths.size()], now.tm_hour, now.tm_min,
                     now.tm_sec, process, text);
}

std::string server_line(const TimeOutcome& outcome) {
  const TimeAnswer* const answer = telling(outcome);
  return fmt::format("server {}, stratum {}, offset {:+.6f}, delay {:.5f}\n", outcome.server.endpoint.address.text(),
                     answer != nullptr ? answer->header.stratum : 0, answer != nullptr ? answer->sample->offset_s : 0.0,
                     answer != nullptr ? answer->sample->delay_s : 0.0);
}

std::string result_text(const TimeOutcome& chosen, Action action) {
  return fmt::format("{} time server {} offset {:+.6f} sec", action == Action::step ? "step" : "adjust",
                     chosen.server.endpoint.address.text(), chosen.best()->sample->offset_s);
}

std::string debug_text(const TimeOutcome& outcome, std::int64_t near_unix_seconds) {
  const TimeAnswer* const answer = telling(outcome);
  std::string text =
      fmt::format("\nserver {}, port {}\n", outcome.server.endpoint.address.text(), outcome.server.endpoint.port);
  if (answer == nullptr) return text + fmt::format("{}\n", outcome.failure_text());
  const wire::Header& header = answer->header;
  const client::TimeSample& sample = *answer->sample;
  const auto stamp = [&](Timestamp one) { return client::stamp_text(one, near_unix_seconds, client::Zone::local); };
  text += fmt::format("stratum {}, precision {}, leap {:02b}, trust 000\n", header.stratum, header.precision_log2s,
                      static_cast<unsigned>(header.leap));
  text += fmt::format("refid [{}], root delay {:.6f}, root dispersion {:.6f}\n", refid_text(header),
                      header.root_delay.seconds(), header.root_dispersion.seconds());
  text += fmt::format("reference time:      {}\n", stamp(header.reference));
  text += fmt::format("originate timestamp: {}\n", stamp(header.transmit));
  text += fmt::format("transmit timestamp:  {}\n", stamp(answer->t1));
  text += filter_lines("filter delay:  ", outcome, [](const auto& one) { return fmt::format("{:.5f}", one.delay_s); });
  text +=
      filter_lines("filter offset: ", outcome, [](const auto& one) { return fmt::format("{:+.6f}", one.offset_s); });
  text += fmt::format("delay {:.5f}, dispersion {:.5f}, offset {:+.6f}\n\n", sample.delay_s, spread_s(outcome),
                      sample.offset_s);
  return text;
}

std::string to_json(const Result& result) {
  std::string servers;
  for (const TimeOutcome& one : result.outcomes) servers += (servers.empty() ? "" : ",") + json_server(one);
  constexpr std::array kActions = {"none", "slew", "step"};
  const bool has_choice = result.chosen != nullptr;
  return fmt::format("{{\"servers\":[{}],\"chosen\":{},\"offset\":{},\"action\":\"{}\",\"done\":{},\"error\":{}}}\n",
                     servers,
                     has_choice ? fmt::format("\"{}\"", result.chosen->server.endpoint.address.text()) : "null",
                     has_choice ? fmt::format("{:.9f}", result.chosen->best()->sample->offset_s) : "null",
                     kActions[static_cast<std::size_t>(result.action)], result.is_done,
                     result.problem.empty() ? "null" : fmt::format("\"{}\"", json_text(result.problem)));
}

}  // namespace ntp::tools::ntpdate
