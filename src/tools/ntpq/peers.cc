// SPDX-License-Identifier: BSD-2-Clause
//
// peers, lpeers, apeers, opeers, lopeers: the billboards of sources.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "client/time_text.h"
#include "tools/ntpq/commands.h"
#include "tools/ntpq/names.h"
#include "tools/ntpq/numbers.h"
#include "tools/ntpq/status_text.h"

namespace ntp::ntpq {
namespace {

using client::printable;

/// What stands in the second column, and whether the last one is jitter or dispersion.
enum class Style : std::uint8_t { refid, association, local };
enum class Which : std::uint8_t { in_use, all };

struct Billboard {
  Style style = Style::refid;
  Which which = Which::in_use;
};

constexpr std::size_t kNameWidth = 15;

/// The variables of one association that a line is made of.
struct Peer {
  std::uint16_t id = 0;
  std::uint16_t status = 0;
  std::vector<client::Variable> variables;

  [[nodiscard]] std::string value(std::string_view name) const {
    return client::find_value(variables, name).value_or("");
  }
  [[nodiscard]] std::int64_t number(std::string_view name) const { return parse_integer(value(name)).value_or(0); }
};

/// u: asks a server, l: reference clock, p: pool, s and S: symmetric active and passive, b: hears broadcasts, B, M: sends
/// broadcasts, multicasts, a: looks for servers by multicast.
char type_of(const Peer& peer) {
  const auto source = Address::parse(peer.value("srcadr"));
  const bool is_group = source && source->is_multicast();
  switch (peer.number("hmode")) {
    case 1:
      return 's';
    case 2:
      return 'S';
    case 3:
      if (source && source->is_refclock()) return 'l';
      if (source && source->is_unspecified()) return 'p';
      return is_group ? 'a' : 'u';
    case 5:
      return is_group ? 'M' : 'B';
    case 6:
      return 'b';
    default:
      return source && source->is_refclock() ? 'l' : '-';
  }
}

std::string remote_text(const Context& context, const Peer& peer) {
  const auto source = Address::parse(peer.value("srcadr"));
  const std::string given = printable(peer.value("srchost"));
  const bool is_pool = !source || source->is_unspecified();
  if (!given.empty() && (is_pool || context.settings.shows_names)) return given;
  return source ? host_text(context, *source) : printable(peer.value("srcadr"));
}

/// Seconds since the last packet, the last update, or never (0): of the clocks' whole seconds, so that it changes with them.
std::int64_t seconds_since(Timestamp now, const Peer& peer) {
  for (const char* name : {"rec", "reftime"}) {
    const auto stamp = client::parse_stamp(peer.value(name));
    if (!stamp || stamp->is_unknown()) continue;
    return static_cast<std::int32_t>(now.seconds() - stamp->seconds());
  }
  return 0;
}

std::int64_t poll_seconds(const Peer& peer) {
  constexpr std::int64_t kLeast = 0;
  constexpr std::int64_t kMost = 17;
  const std::int64_t ours = peer.number("hpoll");
  const std::int64_t theirs = peer.number("ppoll");
  // A reference clock names none.
  const std::int64_t shorter = theirs > 0 ? std::min(ours, theirs) : ours;
  return std::int64_t{1} << std::clamp(shorter, kLeast, kMost);
}

std::string second_column(const Context& context, const Peer& peer, Style style) {
  if (style == Style::local) {
    const auto local = Address::parse(peer.value("dstadr"));
    return left(local ? local->text() : printable(peer.value("dstadr")), kNameWidth);
  }
  const std::string refid = refid_text(context, peer.value("refid"));
  if (style == Style::refid) return left(refid, kNameWidth);
  // The association's id in place of the last columns; a longer reference id keeps a blank between.
  return left(left(refid, std::max<std::size_t>(9, std::min(refid.size() + 1, kNameWidth))) + fmt::to_string(peer.id),
              kNameWidth);
}

std::string line_of(const Context& context, const Peer& peer, Style style) {
  const std::string remote = remote_text(context, peer);
  std::string out(1, tally_of(peer.status));
  const bool wraps = context.settings.is_wide && utf8_count(remote) > kNameWidth;
  out += wraps ? remote + "\n" + std::string(kNameWidth + 2, ' ') : left(remote, kNameWidth) + " ";
  out += second_column(context, peer, style);
  out +=
      fmt::format(" {:2} {} {} {}  {:3o}", peer.number("stratum"), type_of(peer),
                  right(interval_text(seconds_since(context.world.now(), peer)), 4),
                  right(interval_text(poll_seconds(peer)), 4), parse_unsigned(peer.value("reach")).value_or(0) & 0xffU);
  const char* last = style == Style::local ? "dispersion" : "jitter";
  out += fmt::format("  {} {} {}", right(milliseconds_text(peer.value("delay"), false), 7),
                     right(milliseconds_text(peer.value("offset"), true), 8),
                     right(milliseconds_text(peer.value(last), false), 7));
  return out;
}

client::Json json_of(const Context& context, const Peer& peer) {
  using client::Json;
  Json out;
  out.add("tally", std::string(1, tally_of(peer.status)));
  out.add("condition", selection_text(peer.status));
  out.add("associd", int{peer.id});
  out.add("remote", remote_text(context, peer));
  out.add("address", printable(peer.value("srcadr")));
  out.add("local", printable(peer.value("dstadr")));
  out.add("refid", refid_text(context, peer.value("refid")));
  out.add("stratum", peer.number("stratum"));
  out.add("type", std::string(1, type_of(peer)));
  const std::int64_t since = seconds_since(context.world.now(), peer);
  out.add("when", since > 0 ? Json(since) : Json());
  out.add("poll", poll_seconds(peer));
  out.add("reach", static_cast<std::int64_t>(parse_unsigned(peer.value("reach")).value_or(0) & 0xffU));
  for (const char* name : {"delay", "offset", "jitter", "dispersion"}) {
    const auto value = client::find_value(peer.variables, name);
    out.add(std::string(name) + "_ms", value && parse_decimal(*value) ? Json::of_text(*value) : Json());
  }
  return out;
}

std::vector<std::string> head_of(const Context& context, Style style) {
  std::string head;
  switch (style) {
    case Style::refid:
      head = "     remote           refid      st t when poll reach   delay   offset  jitter";
      break;
    case Style::association:
      head = "     remote       refid   assid  st t when poll reach   delay   offset  jitter";
      break;
    case Style::local:
      head = "     remote           local      st t when poll reach   delay   offset    disp";
      break;
  }
  std::string rule(78, '=');
  if (context.host_count > 1) {
    head = left("server", context.host_width) + " " + head;
    rule += std::string(context.host_width + 1, '=');
  }
  return {head, rule};
}

bool is_wanted(const Peer& peer, std::optional<Family> family) {
  if (!family) return true;
  const auto source = Address::parse(peer.value("srcadr"));
  return source && source->family() == *family;
}

bool is_silence(const client::ControlFailure& failure) {
  return failure.fault == client::ControlFault::timeout || failure.fault == client::ControlFault::incomplete;
}

/// Asks for the variables of one source after another, as long as that makes sense.
class Asker {
 public:
  explicit Asker(Context& context) : context_(context), give_up_at_(context.world.uptime_s() + kLongest_s) {}

  /// Nothing if there is no answer; `has_ended()` says whether to go on.
  std::optional<client::ControlAnswer> ask(const Association& association) {
    if (context_.world.uptime_s() >= give_up_at_)
      return end(fmt::format("***Stopped after {:.0f} seconds", kLongest_s));
    auto answer = context_.try_ask({.association_id = association.id});
    if (answer) {
      silent_ = 0;
      return *std::move(answer);
    }
    // One that ended between list and question is left out.
    const bool has_gone = answer.error().fault == client::ControlFault::told &&
                          answer.error().code == wire::ControlError::unknown_association;
    if (has_gone) return std::nullopt;
    fault_ = Context::failure_of(answer.error(), context_.host()->name).text;
    has_ended_ = !is_silence(answer.error()) || ++silent_ >= kMostSilent;
    return std::nullopt;
  }
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  /// Why sources are missing; empty if none is.
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  static constexpr int kMostSilent = 3;
  static constexpr double kLongest_s = 120;

  std::nullopt_t end(std::string why) {
    fault_ = std::move(why);
    has_ended_ = true;
    return std::nullopt;
  }

  Context& context_;
  double give_up_at_;
  int silent_ = 0;  ///< in a row
  bool has_ended_ = false;
  std::string fault_;
};

Outcome show(Context& context, const Words& words, const Billboard& billboard) {
  std::optional<Family> family;
  if (!words.empty()) {
    if (words[0] != "-4" && words[0] != "-6") return failure("***Expected -4 or -6, not `" + printable(words[0]) + "'");
    family = words[0] == "-4" ? Family::ipv4 : Family::ipv6;
  }
  const auto associations = context.associations(true);
  if (!associations) return std::unexpected(associations.error());
  if (associations->empty()) return failure("No association IDs returned");
  Table table{.head = head_of(context, billboard.style)};
  Asker asker(context);
  for (const Association& association : *associations) {
    const bool is_in_use = (association.status & (kPeerConfigured | kPeerReachable)) != 0;
    if (billboard.which == Which::in_use && !is_in_use) continue;
    const auto answer = asker.ask(association);
    if (asker.has_ended()) break;
    if (!answer) continue;
    const Peer peer{
        .id = association.id, .status = answer->header.status, .variables = client::parse_variables(answer->data)};
    if (!is_wanted(peer, family)) continue;
    std::string line = line_of(context, peer, billboard.style);
    if (context.host_count > 1) line = left(printable(context.host()->name), context.host_width) + " " + line;
    table.rows.push_back({.text = std::move(line), .value = json_of(context, peer)});
  }
  if (table.rows.empty() && !asker.fault().empty()) return failure(asker.fault());
  table.fault = asker.fault();
  return table;
}

}  // namespace

Outcome run_peers(Context& context, const Words& words) { return show(context, words, {.style = Style::refid}); }
Outcome run_lpeers(Context& context, const Words& words) {
  return show(context, words, {.style = Style::refid, .which = Which::all});
}
Outcome run_apeers(Context& context, const Words& words) { return show(context, words, {.style = Style::association}); }
Outcome run_opeers(Context& context, const Words& words) { return show(context, words, {.style = Style::local}); }
Outcome run_lopeers(Context& context, const Words& words) {
  return show(context, words, {.style = Style::local, .which = Which::all});
}

}  // namespace ntp::ntpq
