// SPDX-License-Identifier: BSD-2-Clause
#include "control/mru.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "control/request_items.h"

namespace ntp::control {
namespace {

constexpr std::size_t kLeastPageClients = 4096;
/// Of a large table a page is larger: a whole list takes no more passes than this.
constexpr std::size_t kPagesOfTable = 32;
/// A list from its start may be this old, so that asking for it again and again costs little.
constexpr double kFreshLife_s = 0.25;
/// Reading a page passes over the whole table, while the same thread serves the time: this many places a second are a tenth of it,
/// and one whole list may be read at once.
constexpr double kPlacesPerSecond = 1e6;
constexpr double kTablesAtOnce = 40;
/// What is told may be this old: who was heard since comes again, at the end.
constexpr double kPageLife_s = 2;
/// After such a pause nobody is still reading.
constexpr double kAnchorLife_s = 60;
/// The clock was set, and old stamps mean nothing any more.
constexpr double kStep_s = 0.128;
/// What the table counts time in.
constexpr std::int64_t kTableUnit_ns = 4096;

template <class Number>
std::optional<Number> number(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  Number value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, is_hex ? 16 : 10);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

/// 0xSECONDS.FRACTION
std::optional<Timestamp> parse_stamp(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (!text.starts_with("0x") || dot == std::string_view::npos) return std::nullopt;
  std::uint32_t seconds = 0;
  std::uint32_t fraction = 0;
  const std::string_view whole = text.substr(2, dot - 2);
  const std::string_view rest = text.substr(dot + 1);
  const auto a = std::from_chars(whole.data(), whole.data() + whole.size(), seconds, 16);
  const auto b = std::from_chars(rest.data(), rest.data() + rest.size(), fraction, 16);
  if (a.ec != std::errc() || b.ec != std::errc() || a.ptr != whole.data() + whole.size() ||
      b.ptr != rest.data() + rest.size() || rest.size() != 8)
    return std::nullopt;
  return Timestamp::from_parts(seconds, fraction);
}

/// 192.0.2.1:123, [2001:db8::1]:123, [fe80::1%2]:123
std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = number<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const auto address = Address::parse(host);
  if (!port || !address || address->is_v4() == is_bracketed) return std::nullopt;
  return Endpoint{.address = *address, .port = *port};
}

policy::ClientCursor cursor_of(const policy::DatedClient& client) {
  return {.last = client.last, .remote = client.client.remote};
}

void read_item(std::string_view name, std::string_view value, MruRequest& out) {
  if (name == "nonce") out.nonce = value;
  if (name == "frags") out.fragments = number<std::uint16_t>(value).value_or(std::numeric_limits<std::size_t>::max());
  if (name == "limit") out.rows = number<std::uint32_t>(value).value_or(0);
  if (name == "mincount") out.filter.min_count = number<std::uint32_t>(value).value_or(0);
  if (name == "resall") out.filter.all_of = number<std::uint16_t>(value).value_or(0);
  if (name == "resany") out.filter.any_of = number<std::uint16_t>(value).value_or(0);
  if (name == "maxlstint") out.filter.max_since_last_s = number<std::uint32_t>(value).value_or(0);
  if (name == "minlstint") out.filter.min_since_last_s = number<std::uint32_t>(value).value_or(0);
  if (name == "recent") out.filter.newest = number<std::uint32_t>(value).value_or(0);
  if (name == "laddr" || name == "mindrop" || name == "minscore") out.asks_what_is_not_kept = true;
  // Those of greater numbers are older, and of use only where a list can't be gone on with behind any client.
  if (name == "addr.0") out.after_remote = parse_endpoint(value);
  if (name == "last.0") out.after_last = parse_stamp(value);
}

}  // namespace

MruRequest read_mru_request(std::string_view data) {
  MruRequest request;
  RequestItems items(data);
  while (const auto item = items.next())
    if (item->value) read_item(item->name, *item->value, request);
  return request;
}

void MruList::settle_anchor(const Instant& now) {
  const bool is_old = !anchor_.is_set || now.mono - anchor_.used > kAnchorLife_s;
  const double moved_s = is_old ? 0 : (now.real - stamp(now.mono)).seconds();
  if (is_old || moved_s > kStep_s || moved_s < -kStep_s) {
    anchor_.mono = now.mono;
    anchor_.real = now.real;
    anchor_.is_set = true;
  }
  anchor_.used = now.mono;
}

Timestamp MruList::stamp(MonoTime at) const {
  return anchor_.real + Span::from_nanoseconds(at.nanoseconds() - anchor_.mono.nanoseconds());
}

/// The time in the table whose stamp this is.
MonoTime MruList::time(Timestamp stamp) const {
  const std::int64_t units = (stamp - anchor_.real).units();
  const auto since_ns = static_cast<std::int64_t>((Int128{units} * kNanosecondsPerSecond) >> 32U);
  const std::int64_t ns = std::max<std::int64_t>(0, anchor_.mono.nanoseconds() + since_ns);
  return MonoTime::from_nanoseconds((ns + kTableUnit_ns / 2) / kTableUnit_ns * kTableUnit_ns);
}

void MruList::read_page(const policy::ClientTable& clients, Facts& facts,
                        const std::optional<policy::ClientCursor>& after, const policy::ClientFilter& filter,
                        MonoTime now) {
  const std::size_t size = std::max(kLeastPageClients, clients.capacity() / kPagesOfTable);
  clients.read_page(now, facts.listed_clients(), {.after = after, .filter = filter, .size = size}, page_);
  ++pages_read_;
  has_page_ = true;
  page_after_ = after;
  page_filter_ = filter;
  page_read_ = now;
  page_is_last_ = page_.size() < size;
}

bool MruList::may_read(std::size_t places, MonoTime now) {
  const auto cost = static_cast<double>(places);
  const double most = kTablesAtOnce * cost;
  places_left_ = places_at_ ? std::min(most, places_left_ + kPlacesPerSecond * std::max(0.0, now - *places_at_)) : most;
  places_at_ = now;
  if (places_left_ < cost) return false;
  places_left_ -= cost;
  return true;
}

/// A page that `after` can be gone on from: the kept one if it will do, else another. Without room for another pass, the kept one
/// longer than it is fresh; false if there is none.
bool MruList::seek(const policy::ClientTable& clients, Facts& facts, const std::optional<policy::ClientCursor>& after,
                   const policy::ClientFilter& filter, MonoTime now) {
  const bool is_held = page_holds(after, filter, now);
  const bool is_fresh = after || now - page_read_ <= kFreshLife_s;
  if (is_held && is_fresh) return true;
  if (!may_read(clients.capacity(), now)) return is_held;
  read_page(clients, facts, after, filter, now);
  return true;
}

bool MruList::page_holds(const std::optional<policy::ClientCursor>& after, const policy::ClientFilter& filter,
                         MonoTime now) const {
  if (!has_page_ || filter != page_filter_ || now - page_read_ > kPageLife_s) return false;
  if (after == page_after_) return true;
  if (!after || (page_after_ && *after < *page_after_)) return false;
  // Behind its last client there may be more.
  return page_is_last_ || (!page_.empty() && *after < cursor_of(page_.back()));
}

void MruList::put_row(const policy::DatedClient& client, std::size_t row, AnswerText& out) const {
  fmt::memory_buffer name;
  fmt::memory_buffer value;
  const auto put = [&](std::string_view tag, auto format, auto... values) {
    name.clear();
    value.clear();
    fmt::format_to(fmt::appender(name), "{}.{}", tag, row);
    fmt::vformat_to(fmt::appender(value), format, fmt::make_format_args(values...));
    out.word({name.data(), name.size()}, {value.data(), value.size()});
  };
  const policy::ClientRecord& record = client.client;
  const Timestamp last = stamp(client.last);
  const Timestamp first = stamp(client.first);
  put("addr", "{}", record.remote.text());
  put("last", "0x{:08x}.{:08x}", last.seconds(), last.fraction());
  put("first", "0x{:08x}.{:08x}", first.seconds(), first.fraction());
  put("ct", "{}", record.count);
  put("mv", "{}", record.version << 3U | record.mode);
  put("rs", "0x{:x}", record.restrictions);
}

bool MruList::answer(const Request& request, Facts& facts, const NonceMaker& nonces, Answer& out) {
  const MruRequest asked = read_mru_request(request.data);
  const Address& asker = request.query.remote.address;
  const Instant& now = request.now;
  if (!nonces.is_valid(asked.nonce, asker, now.mono)) return false;
  const policy::ClientTable* const clients = facts.clients();
  const bool has_frame = asked.fragments != 0 || (asked.rows > 0 && asked.rows <= kMostMruRows);
  if (!has_frame || asked.fragments > kMostMruFragments || asked.asks_what_is_not_kept) {
    out.refuse(wire::ControlError::bad_value);
    return true;
  }
  settle_anchor(now);
  const std::size_t most_rows = asked.rows != 0 ? asked.rows : std::numeric_limits<std::size_t>::max();
  out.text.set_most_fragments(asked.fragments != 0 ? asked.fragments : kMostMruFragments);

  std::optional<policy::ClientCursor> after;
  if (asked.after_remote && asked.after_last) {
    after = {.last = time(*asked.after_last), .remote = *asked.after_remote};
    const Timestamp older = stamp(after->last);
    out.text.word("last.older", fmt::format("0x{:08x}.{:08x}", older.seconds(), older.fraction()));
    out.text.word("addr.older", after->remote.text());
  }
  out.text.word("nonce", nonces.make(asker, now.mono));

  std::size_t rows = 0;
  std::optional<MonoTime> newest;
  const auto has_room = [&] { return rows < most_rows && (rows == 0 || !out.text.is_full()); };
  bool is_complete = clients == nullptr;
  while (!is_complete && has_room()) {
    if (!seek(*clients, facts, after, asked.filter, now.mono)) {
      // The asker comes again, and a shorter answer is one too.
      if (rows == 0) return false;
      break;
    }
    auto next = std::upper_bound(
        page_.begin(), page_.end(), after,
        [](const auto& cursor, const policy::DatedClient& each) { return !cursor || *cursor < cursor_of(each); });
    for (; next != page_.end() && has_room(); ++next) {
      put_row(*next, rows++, out.text);
      newest = next->last;
      after = cursor_of(*next);
    }
    is_complete = next == page_.end() && page_is_last_;
  }
  if (!is_complete) return true;
  out.text.word("now", fmt::format("0x{:08x}.{:08x}", now.real.seconds(), now.real.fraction()));
  if (newest) {
    const Timestamp last = stamp(*newest);
    out.text.word("last.newest", fmt::format("0x{:08x}.{:08x}", last.seconds(), last.fraction()));
  }
  return true;
}

}  // namespace ntp::control
