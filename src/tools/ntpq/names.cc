// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/names.h"

#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "tools/ntpq/numbers.h"

namespace ntp::ntpq {
namespace {

/// By the third octet of 127.127.t.u; "" where the number was never given away.
constexpr std::array kClocks = {"UNKNOWN",
                                "LOCAL",
                                "GPS_TRAK",
                                "WWV_PST",
                                "SPECTRACOM",
                                "TRUETIME",
                                "IRIG_AUDIO",
                                "CHU_AUDIO",
                                "GENERIC",
                                "GPS_MX4200",
                                "GPS_AS2201",
                                "GPS_ARBITER",
                                "IRIG_TPRO",
                                "ATOM_LEITCH",
                                "MSF_EES",
                                "",
                                "IRIG_BANCOMM",
                                "GPS_DATUM",
                                "ACTS_MODEM",
                                "WWV_HEATH",
                                "GPS_NMEA",
                                "GPS_VME",
                                "PPS",
                                "",
                                "",
                                "",
                                "GPS_HP",
                                "MSF_ARCRON",
                                "SHM",
                                "GPS_PALISADE",
                                "GPS_ONCORE",
                                "GPS_JUPITER",
                                "CHRONOLOG",
                                "DUMBCLOCK",
                                "ULINK_M320",
                                "PCF",
                                "WWV_AUDIO",
                                "GPS_FG",
                                "HOPF_S",
                                "HOPF_P",
                                "JJY",
                                "TT_IRIG",
                                "GPS_ZYFER",
                                "RIPENCC",
                                "NEOCLK4X",
                                "PCI_TSYNC",
                                "GPSD_JSON"};
constexpr std::size_t kMaxName = 4;

}  // namespace

std::optional<std::string> clock_name(const Address& address) {
  if (!address.is_refclock()) return std::nullopt;
  const std::size_t type = address.octets()[2];
  const bool is_known = type < kClocks.size() && *kClocks[type] != '\0';
  return fmt::format("{}({})", is_known ? kClocks[type] : "UNKNOWN", address.octets()[3]);
}

std::optional<Endpoint> parse_place(std::string_view text) {
  if (const auto address = Address::parse(text)) return Endpoint{.address = *address};
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  std::uint16_t port = 0;
  const bool is_bracketed = text.starts_with('[');
  if (is_bracketed && text.ends_with(']')) host = text;
  if (is_bracketed && (host.size() < 2 || !host.ends_with(']'))) return std::nullopt;
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (!text.ends_with(']')) {
    const auto number = colon == std::string_view::npos ? std::nullopt : parse_integer(text.substr(colon + 1));
    if (!number || *number < 0 || *number > 0xffff) return std::nullopt;
    port = static_cast<std::uint16_t>(*number);
  }
  const auto address = Address::parse(host);
  if (!address || (!is_bracketed && !address->is_v4())) return std::nullopt;
  return Endpoint{.address = *address, .port = port};
}

std::string host_text(const Context& context, const Address& address) {
  if (auto clock = clock_name(address)) return *clock;
  if (!context.settings.shows_names || address.is_unspecified()) return address.text();
  return client::printable(context.world.name_of(address));
}

std::string refid_text(const Context& context, std::string_view value) {
  const auto address = Address::parse(value);
  if (!address) {
    const std::string shown = client::printable(value);
    return shown.empty() || shown.size() > kMaxName ? shown : "." + shown + ".";
  }
  if (auto clock = clock_name(*address)) return *clock;
  const bool is_hash = context.settings.refid == RefidDisplay::hash && address->is_v4();
  return is_hash ? fmt::format("0x{:08x}", address->v4_host_order()) : address->text();
}

}  // namespace ntp::ntpq
