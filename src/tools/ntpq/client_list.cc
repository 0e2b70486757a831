// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/client_list.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "client/time_text.h"
#include "client/variables.h"
#include "tools/ntpq/names.h"
#include "tools/ntpq/numbers.h"
#include "tools/ntpq/rows.h"

namespace ntp::ntpq {
namespace {

using client::ControlFailure;
using client::ControlFault;
using client::Variable;

constexpr int kMostFailures = 4;
constexpr std::size_t kMostRemembered = 64;
constexpr std::size_t kLeastFragments = 2;
constexpr std::size_t kMostNonce = 64;

std::string place_text(const ListedClient& client) {
  const bool is_v6 = client.address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", client.address, client.port)
               : fmt::format("{}:{}", client.address, client.port);
}

std::string stamp_text(Timestamp stamp) { return fmt::format("0x{:08x}.{:08x}", stamp.seconds(), stamp.fraction()); }

/// Nothing if one of the fields is missing or makes no sense.
std::optional<ListedClient> client_of(const std::vector<Variable>& row) {
  ListedClient out;
  const auto value = [&](std::string_view name) { return client::find_value(row, name).value_or(""); };
  const std::string place = value("addr");
  const auto endpoint = parse_place(place);
  const auto first = client::parse_stamp(value("first"));
  const auto last = client::parse_stamp(value("last"));
  const auto count = parse_unsigned(value("ct"));
  const auto mode_version = parse_unsigned(value("mv"));
  const auto restrictions = parse_unsigned(value("rs"));
  if (!endpoint || !first || !last || !count || !mode_version || !restrictions) return std::nullopt;
  out.parsed = endpoint->address;
  out.address = place.substr(0, place.rfind(':'));
  if (out.address.starts_with('[') && out.address.ends_with(']'))
    out.address = out.address.substr(1, out.address.size() - 2);
  out.port = endpoint->port;
  out.first = *first;
  out.last = *last;
  out.count = *count;
  out.restrictions = static_cast<std::uint16_t>(*restrictions);
  out.mode = static_cast<std::uint8_t>(*mode_version & 7U);
  out.version = static_cast<std::uint8_t>((*mode_version >> 3U) & 7U);
  return out;
}

}  // namespace

double average_interval_s(const ListedClient& client) {
  if (client.count == 0) return 0;
  // By packets, not by what lies between them: as the reference implementation has it.
  return (client.last - client.first).seconds() / static_cast<double>(client.count);
}

ClientList::End ClientList::fetch(const Ask& ask, const std::function<bool()>& is_interrupted,
                                  const std::function<double()>& uptime_s) {
  const double give_up_at = uptime_s() + kLongestFetch_s;
  if (!renew_nonce(ask)) return failure_.fault == ControlFault::interrupted ? End::interrupted : End::failed;
  while (!is_interrupted()) {
    if (uptime_s() >= give_up_at) {
      failure_ = {.fault = ControlFault::malformed,
                  .detail = fmt::format("its list of clients didn't end within {:.0f} seconds", kLongestFetch_s)};
      return End::failed;
    }
    const std::string data = request_text();
    const auto answer = ask({.opcode = wire::ControlOpcode::read_clients, .data = data});
    const Step step = answer ? take(answer->data) : after_failure(ask, answer.error());
    if (step == Step::complete) return End::complete;
    if (step == Step::failed) return failure_.fault == ControlFault::interrupted ? End::interrupted : End::failed;
  }
  return End::interrupted;
}

Timestamp ClientList::now() const {
  if (now_) return *now_;
  return newest_.empty() ? Timestamp() : clients_[newest_.back()].last;
}

bool ClientList::renew_nonce(const Ask& ask) {
  const auto answer = ask({.opcode = wire::ControlOpcode::request_nonce});
  if (!answer) {
    failure_ = answer.error();
    return false;
  }
  nonce_ = client::find_value(client::parse_variables(answer->data), "nonce").value_or("");
  const bool is_usable = !nonce_.empty() && nonce_.size() <= kMostNonce;
  if (!is_usable) failure_ = {.fault = ControlFault::malformed, .detail = "it gave no nonce"};
  return is_usable;
}

std::string ClientList::request_text() const {
  std::string out = fmt::format("nonce={}, frags={}", nonce_, fragments_);
  if (options_.rows > 0) out += fmt::format(", limit={}", options_.rows);
  out += options_.filters;
  // The newest first; the server goes on behind the first one that is still as we know it.
  for (std::size_t i = 0; i + skipped_ < newest_.size(); ++i) {
    const ListedClient& known = clients_[newest_[newest_.size() - 1 - skipped_ - i]];
    const std::string entry = fmt::format(", addr.{0}={1}, last.{0}={2}", i, place_text(known), stamp_text(known.last));
    if (out.size() + entry.size() > wire::kMaxControlData) break;
    out += entry;
  }
  return out;
}

ClientList::Step ClientList::after_failure(const Ask& ask, const ControlFailure& failure) {
  failure_ = failure;
  if (++failures_ > kMostFailures) return Step::failed;
  switch (failure.fault) {
    case ControlFault::timeout:
    case ControlFault::incomplete:
      // So many datagrams at once are too many for the way here.
      is_growing_ = false;
      if (fragments_ <= kLeastFragments) return Step::failed;
      fragments_ = std::max(kLeastFragments, fragments_ / 2);
      return renew_nonce(ask) ? Step::go_on : Step::failed;
    case ControlFault::told:
      if (failure.code == wire::ControlError::unknown_variable && !newest_.empty()) {
        // None of what was named is as it was: those clients came again, and will be told later.
        constexpr std::size_t kStep = 8;
        skipped_ = std::min(newest_.size(), skipped_ + kStep);
        return Step::go_on;
      }
      // The nonce may be too old; without any answer so far it is a refusal.
      return !clients_.empty() && renew_nonce(ask) ? Step::go_on : Step::failed;
    case ControlFault::refused:
    case ControlFault::unreachable:
    case ControlFault::malformed:
    case ControlFault::interrupted:
    case ControlFault::no_key:
      break;
  }
  return Step::failed;
}

ClientList::Step ClientList::take(const std::string& data) {
  last_answer_ = data;
  NumberedRows rows = numbered_rows(client::parse_variables(data));
  if (auto nonce = client::find_value(rows.others, "nonce"); nonce && nonce->size() <= kMostNonce) nonce_ = *nonce;
  std::size_t news = 0;
  for (const auto& [index, row] : rows.rows) {
    auto client = client_of(row);
    if (client && clients_.size() < kMaxListedClients && add(*std::move(client))) ++news;
  }
  skipped_ = 0;
  const auto now = client::find_value(rows.others, "now");
  if (now) now_ = client::parse_stamp(*now);
  if (now || clients_.size() >= kMaxListedClients) return Step::complete;
  poor_answers_ = is_poor(news) ? poor_answers_ + 1 : 0;
  if ((news == 0 && ++failures_ > kMostFailures) || poor_answers_ > kMostPoorAnswers) {
    failure_ = {.fault = ControlFault::malformed, .detail = "its list of clients neither goes on nor ends"};
    return Step::failed;
  }
  if (news > 0) failures_ = 0;
  if (is_growing_) fragments_ = std::min(kMostFragments, fragments_ * 2);
  return Step::go_on;
}

bool ClientList::is_poor(std::size_t news) const {
  // A datagram holds three rows, or two of long addresses.
  constexpr std::size_t kFewRows = 8;
  const std::size_t expected = std::min(kFewRows, fragments_);
  return news < (options_.rows > 0 ? std::min(expected, options_.rows) : expected);
}

bool ClientList::add(ListedClient client) {
  const std::string place = place_text(client);
  const auto [known, is_new] = by_place_.try_emplace(place, clients_.size());
  const std::size_t at = known->second;
  const bool is_news = is_new || clients_[at].last != client.last;
  if (is_new)
    clients_.push_back(std::move(client));
  else if (is_news) {
    clients_[at] = std::move(client);
    ++updates_;
  }
  if (!is_news) return false;
  newest_.push_back(at);
  if (newest_.size() > 2 * kMostRemembered)
    newest_.erase(newest_.begin(), newest_.end() - static_cast<std::ptrdiff_t>(kMostRemembered));
  return true;
}

bool sort_clients(std::vector<ListedClient>& clients, std::string_view order) {
  const bool is_reversed = order.starts_with('-');
  if (is_reversed) order.remove_prefix(1);
  // Those that came last stand first, whatever else they are sorted by; of those that came at once, by address.
  const auto is_newer = [](const ListedClient& a, const ListedClient& b) {
    const std::int64_t newer = (a.last - b.last).units();
    return newer != 0 ? newer > 0 : std::tie(a.address, a.port) < std::tie(b.address, b.port);
  };
  const auto sort_by = [&](auto key) {
    std::ranges::sort(clients, [&](const ListedClient& a, const ListedClient& b) {
      const auto first = key(is_reversed ? b : a);
      const auto second = key(is_reversed ? a : b);
      return first < second || (!(second < first) && is_newer(a, b));
    });
  };
  if (order == "lstint") {
    std::ranges::sort(clients, is_newer);
    if (is_reversed) std::ranges::reverse(clients);
  } else if (order == "avgint") {
    sort_by(average_interval_s);
  } else if (order == "count") {
    sort_by([](const ListedClient& client) { return client.count; });
  } else if (order == "addr") {
    sort_by([](const ListedClient& client) { return std::pair(client.parsed.value_or(Address()), client.port); });
  } else {
    return false;
  }
  return true;
}

}  // namespace ntp::ntpq
