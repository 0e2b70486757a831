// SPDX-License-Identifier: BSD-2-Clause
//
// sysinfo, sysstats, kerninfo, monstats, iostats, timerstats, authinfo, pstats: a label and a value a line.
#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/ntpq/commands.h"
#include "tools/ntpq/cooking.h"
#include "tools/ntpq/names.h"

namespace ntp::ntpq {
namespace {

enum class Form : std::uint8_t { as_is, cooked, mode, place };

struct Line {
  const char* label = "";
  const char* name = "";
  Form form = Form::as_is;
  const char* port = nullptr;  ///< Form::place: the variable that has the port; null: it stands behind the address
};

enum class Head : std::uint8_t { none, status };

// clang-format off
constexpr Line kSysinfo[] = {
    {"system peer:", "peeradr", Form::place}, {"system peer mode:", "peermode", Form::mode},
    {"leap indicator:", "leap", Form::cooked}, {"stratum:", "stratum"}, {"log2 precision:", "precision"},
    {"root delay:", "rootdelay"}, {"root dispersion:", "rootdisp"}, {"reference ID:", "refid", Form::cooked},
    {"reference time:", "reftime", Form::cooked}, {"system jitter:", "sys_jitter"}, {"clock jitter:", "clk_jitter"},
    {"clock wander:", "clk_wander"}, {"broadcast delay:", "bcastdelay"}, {"symm. auth. delay:", "authdelay"}};
constexpr Line kSysstats[] = {
    {"uptime:", "ss_uptime"}, {"sysstats reset:", "ss_reset"}, {"packets received:", "ss_received"},
    {"current version:", "ss_thisver"}, {"older version:", "ss_oldver"}, {"bad length or format:", "ss_badformat"},
    {"authentication failed:", "ss_badauth"}, {"declined:", "ss_declined"}, {"restricted:", "ss_restricted"},
    {"rate limited:", "ss_limited"}, {"KoD responses:", "ss_kodsent"}, {"processed for time:", "ss_processed"}};
constexpr Line kKerninfo[] = {
    {"pll offset:", "koffset"}, {"pll frequency:", "kfreq"}, {"maximum error:", "kmaxerr"}, {"estimated error:", "kesterr"},
    {"kernel status:", "kstflags"}, {"pll time constant:", "ktimeconst"}, {"precision:", "kprecis"},
    {"frequency tolerance:", "kfreqtol"}, {"pps frequency:", "kppsfreq"}, {"pps stability:", "kppsstab"},
    {"pps jitter:", "kppsjitter"}, {"calibration interval", "kppscalibdur"}, {"calibration cycles:", "kppscalibs"},
    {"jitter exceeded:", "kppsjitexc"}, {"stability exceeded:", "kppsstbexc"}, {"calibration errors:", "kppscaliberrs"}};
constexpr Line kMonstats[] = {
    {"enabled:", "mru_enabled"}, {"addresses:", "mru_depth"}, {"peak addresses:", "mru_deepest"},
    {"maximum addresses:", "mru_maxdepth"}, {"reclaim above count:", "mru_mindepth"}, {"reclaim older than:", "mru_maxage"},
    {"kilobytes:", "mru_mem"}, {"maximum kilobytes:", "mru_maxmem"}};
constexpr Line kIostats[] = {
    {"time since reset:", "iostats_reset"}, {"receive buffers:", "total_rbuf"}, {"free receive buffers:", "free_rbuf"},
    {"used receive buffers:", "used_rbuf"}, {"low water refills:", "rbuf_lowater"}, {"dropped packets:", "io_dropped"},
    {"ignored packets:", "io_ignored"}, {"received packets:", "io_received"}, {"packets sent:", "io_sent"},
    {"packet send failures:", "io_sendfailed"}, {"input wakeups:", "io_wakeups"}, {"useful input wakeups:", "io_goodwakeups"}};
constexpr Line kTimerstats[] = {
    {"time since reset:", "timerstats_reset"}, {"timer overruns:", "timer_overruns"}, {"calls to transmit:", "timer_xmts"}};
constexpr Line kAuthinfo[] = {
    {"time since reset:", "authreset"}, {"stored keys:", "authkeys"}, {"free keys:", "authfreek"},
    {"key lookups:", "authklookups"}, {"keys not found:", "authknotfound"}, {"uncached keys:", "authkuncached"},
    {"expired keys:", "authkexpired"}, {"encryptions:", "authencrypts"}, {"decryptions:", "authdecrypts"}};
constexpr Line kPstats[] = {
    {"remote host:", "srcadr", Form::place, "srcport"}, {"local address:", "dstadr", Form::place, "dstport"},
    {"time last received:", "timerec"}, {"time until next send:", "timer"}, {"reachability change:", "timereach"},
    {"packets sent:", "sent"}, {"packets received:", "received"}, {"bad authentication:", "badauth"},
    {"bogus origin:", "bogusorg"}, {"duplicate:", "oldpkt"}, {"bad dispersion:", "seldisp"},
    {"bad reference time:", "selbroken"}, {"candidate order:", "candidate"}};
// clang-format on

std::string names_of(std::span<const Line> lines) {
  std::string out;
  for (const Line& line : lines) {
    for (const char* name : {line.name, line.port})
      if (name != nullptr) out += (out.empty() ? "" : ",") + std::string(name);
  }
  return out;
}

/// Nothing if the server has no such variable.
std::optional<ReportRow> row_of(const Context& context, const Line& line,
                                const std::vector<client::Variable>& variables) {
  const auto found = std::ranges::find(variables, line.name, &client::Variable::name);
  if (found == variables.end()) return std::nullopt;
  ReportRow row{.label = line.label, .name = line.name};
  const CookedVariable cooked_value = cooked(context, *found);
  row.value = cooked_value.value;
  switch (line.form) {
    case Form::as_is:
      row.text = client::printable(found->value);
      break;
    case Form::cooked:
      row.text = cooked_value.text;
      break;
    case Form::mode:
      row.text = mode_text(found->value);
      row.value = row.text;
      break;
    case Form::place: {
      const auto place = parse_place(found->value);
      std::string port = place ? fmt::to_string(place->port) : "?";
      if (line.port != nullptr) port = client::printable(client::find_value(variables, line.port).value_or("?"));
      // Only an address has colons, a name has none.
      const bool is_v6 = cooked_value.text.find(':') != std::string::npos;
      row.text = (is_v6 ? "[" + cooked_value.text + "]" : cooked_value.text) + ":" + port;
      row.value = row.text;
      break;
    }
  }
  return row;
}

struct Request {
  std::uint16_t association_id = 0;
  std::span<const Line> lines;
  Head head = Head::none;
  std::size_t least_width = 0;  ///< where the reference implementation leaves more room than its labels need
};

/// A name that the server doesn't know fails the whole question (NTPsec's daemon lacks some): then each is asked for by itself.
std::expected<client::ControlAnswer, Failure> ask_for(Context& context, const Request& request) {
  auto whole = context.ask({.association_id = request.association_id, .data = names_of(request.lines)});
  if (whole || whole.error().code != wire::ControlError::unknown_variable) return whole;
  std::optional<client::ControlAnswer> gathered;
  for (std::size_t i = 0; i < request.lines.size(); ++i) {
    auto one = context.ask({.association_id = request.association_id, .data = names_of(request.lines.subspan(i, 1))});
    if (!one && one.error().code != wire::ControlError::unknown_variable) return one;
    if (!one) continue;
    if (gathered)
      gathered->data += "," + one->data;
    else
      gathered = *std::move(one);
  }
  return gathered ? *std::move(gathered) : whole;
}

Outcome show(Context& context, const Request& request) {
  const auto answer = ask_for(context, request);
  if (!answer) return std::unexpected(answer.error());
  const auto variables = client::parse_variables(answer->data);
  Report report{.label_width = request.least_width};
  if (request.head == Head::status)
    report.status = StatusLine{.association_id = request.association_id,
                               .status = answer->header.status,
                               .kind = request.association_id == 0 ? StatusKind::system : StatusKind::peer};
  for (const Line& line : request.lines) {
    report.label_width = std::max(report.label_width, std::string_view(line.label).size());
    if (auto row = row_of(context, line, variables)) report.rows.push_back(*std::move(row));
  }
  return report;
}

}  // namespace

Outcome run_sysinfo(Context& context, const Words&) { return show(context, {.lines = kSysinfo, .head = Head::status}); }
Outcome run_sysstats(Context& context, const Words&) { return show(context, {.lines = kSysstats}); }
Outcome run_kerninfo(Context& context, const Words&) {
  return show(context, {.lines = kKerninfo, .head = Head::status, .least_width = 21});
}
Outcome run_monstats(Context& context, const Words&) { return show(context, {.lines = kMonstats}); }
Outcome run_iostats(Context& context, const Words&) { return show(context, {.lines = kIostats, .least_width = 22}); }
Outcome run_timerstats(Context& context, const Words&) {
  return show(context, {.lines = kTimerstats, .least_width = 19});
}
Outcome run_authinfo(Context& context, const Words&) { return show(context, {.lines = kAuthinfo}); }

Outcome run_pstats(Context& context, const Words& words) {
  const auto id = context.association_of(words[0]);
  if (!id) return std::unexpected(id.error());
  return show(context, {.association_id = *id, .lines = kPstats, .head = Head::status});
}

}  // namespace ntp::ntpq
