// SPDX-License-Identifier: BSD-2-Clause
#include "tools/sntp/report.h"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "base/json_text.h"

namespace ntp::tools::sntp {
namespace {

std::string date_text(const std::tm& parts) {
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::string clock_text(const WallTime& when) {
  return fmt::format("{:02}:{:02}:{:02}.{:06}", when.parts.tm_hour, when.parts.tm_min, when.parts.tm_sec,
                     when.microseconds);
}

/// "+0100"
std::string zone_text(const std::tm& parts) {
  const long minutes = parts.tm_gmtoff / 60;
  return fmt::format("{}{:02}{:02}", minutes < 0 ? '-' : '+', std::labs(minutes) / 60, std::labs(minutes) % 60);
}

}  // namespace

const char* leap_text(wire::Leap leap) {
  constexpr std::array kWords = {"no-leap", "add-leap", "del-leap", "unsync"};
  return kWords[static_cast<std::size_t>(leap)];
}

std::string line_of(const client::TimeServer& server, const client::TimeAnswer& answer, const WallTime& when) {
  const std::string address = server.endpoint.address.text();
  const bool is_numeric =
      server.name == address || server.name == server.endpoint.text() || server.name == fmt::format("[{}]", address);
  return fmt::format("{} {} ({}) {:+.6f} +/- {:.6f} {}{} s{} {}\n", date_text(when.parts), clock_text(when),
                     zone_text(when.parts), answer.sample->offset_s, answer.sample->root_distance_s,
                     is_numeric ? "" : server.name + " ", address, answer.header.stratum,
                     leap_text(answer.header.leap));
}

std::string json_of(const client::TimeServer& server, const client::TimeAnswer& answer, const WallTime& when,
                    Adjusted adjusted) {
  return fmt::format(
      "{{\"time\":\"{}T{}{}\",\"offset\":{:.6f},\"precision\":{:.6f},\"host\":\"{}\",\"ip\":\"{}\",\"stratum\":{},"
      "\"leap\":\"{}\",\"adjusted\":{},\"delay\":{:.6f}}}\n",
      date_text(when.parts), clock_text(when), zone_text(when.parts), answer.sample->offset_s,
      answer.sample->root_distance_s, json_text(server.name), server.endpoint.address.text(), answer.header.stratum,
      leap_text(answer.header.leap), adjusted == Adjusted::yes, answer.sample->delay_s);
}

std::string json_of_failure(const client::TimeServer& server, const std::string& problem) {
  return fmt::format("{{\"host\":\"{}\",\"ip\":\"{}\",\"error\":\"{}\"}}\n", json_text(server.name),
                     server.endpoint.address.text(), json_text(problem));
}

}  // namespace ntp::tools::sntp
