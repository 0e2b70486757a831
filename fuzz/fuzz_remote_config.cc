// SPDX-License-Identifier: BSD-2-Clause
//
// Configuration in a control message, from anyone: whatever it says, files, folders and what locks operators out stay the host's
// own, the result prints, and what is printed parses to the same. The input is "FILE\f TEXT": what is in force, and what comes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "config/print.h"
#include "config/remote.h"
#include "config/statistics_types.h"
#include "policy/keys_file.h"

namespace {

using namespace ntp::config;

bool has_same_files(const Statistics& a, const Statistics& b) {
  return a.folder == b.folder && a.is_enabled == b.is_enabled &&
         std::ranges::all_of(kStatisticsTypes,
                             [&](const StatisticsType& type) { return (a.*type.file).name == (b.*type.file).name; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ntp::policy::KeyRing keys(ntp::policy::parse_keys_file("1 MD5 secret\n3 MD5 another\n").keys, 1);
  const std::string whole(data, data + size);
  const std::size_t middle = std::min(whole.find('\f'), whole.size());
  const std::string_view text = std::string_view(whole).substr(std::min(middle + 1, whole.size()));
  const Config running = parse(std::string_view(whole).substr(0, middle), "ntp.conf", nullptr).config;
  const std::array<KnownSource, 2> sources{
      {{.association_id = 7, .address = ntp::Address::v4(0xc0000201), .line = "192.0.2.1"},
       {.association_id = 8, .address = ntp::Address::v4(0xc0000202), .line = "nobody"}}};

  const ParseResult result = parse_remote({.text = text, .running = running, .sources = sources, .keys = &keys});

  for (const Message& message : result.messages) NTP_ASSERT(!ntp::config::text(message).empty());
  const Config& now = result.config;
  NTP_ASSERT(now.drift_file == running.drift_file && now.log_file == running.log_file &&
             now.pid_file == running.pid_file);
  NTP_ASSERT(now.keys.files == running.keys.files && now.leap_file == running.leap_file);
  NTP_ASSERT(now.save_folder == running.save_folder && now.temperature_sensor == running.temperature_sensor);
  NTP_ASSERT(has_same_files(now.statistics, running.statistics) && now.switches.mode7 == running.switches.mode7);
  if (now.keys.control_key != running.keys.control_key)
    NTP_ASSERT(keys.find(now.keys.control_key.value_or(0)) != nullptr);
  NTP_ASSERT(parse(print(now), "printed", nullptr).config == now);
  // What is said again and again adds nothing; the first time, a line may leave what the second finds.
  const auto say = [&](const Config& in_force) {
    return parse_remote({.text = text, .running = in_force, .sources = sources, .keys = &keys}).config;
  };
  const Config twice = say(now);
  const Config thrice = say(twice);
  NTP_ASSERT(thrice.restricts.size() <= std::max(twice.restricts.size(), now.restricts.size()));
  NTP_ASSERT(thrice.keys.trusted.size() <= twice.keys.trusted.size());
  NTP_ASSERT(thrice.interfaces.size() <= twice.interfaces.size());
  return 0;
}
