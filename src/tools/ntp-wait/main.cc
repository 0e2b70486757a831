// SPDX-License-Identifier: BSD-2-Clause
//
// ntp-wait: ends as soon as the clock is synchronised.
#include <array>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "client/host_query.h"
#include "client/options.h"
#include "client/tool_arguments.h"
#include "tools/ntp-wait/waiting.h"

namespace {

using namespace ntp;
using namespace ntp::tools::ntp_wait;

constexpr std::array kOptions{
#define NTP_TOOL_OPTION(letter, name, value, meaning) client::Option{letter, name, value, meaning},
#include "tools/ntp-wait/options.def"
#undef NTP_TOOL_OPTION
};

constexpr client::Tool kTool{
    .name = "ntp-wait",
    .usage = "[options] [HOST]",
    .purpose = "waits until the clock of this host is synchronised.",
    .notes = R"(Exit status: 0 synchronised; 1 not, up to the last try; 2 the daemon didn't answer the last try,
or wrong options.

Wait at most five minutes, and say so:
  ntp-wait -n 60 -s 5 -v
)",
    .options = kOptions};

constexpr int kWrongUse = 2;
/// For one question: a daemon on this host answers at once, or isn't there.
constexpr double kTimeout_s = 2;

int fail(const std::string& message) {
  std::cerr << "ntp-wait: " << message << '\n';
  return kWrongUse;
}

int work(const client::Arguments& arguments) {
  const auto host = client::host_of(arguments);
  const auto family = client::family_of(arguments);
  const auto tries = arguments.whole("tries", 1000, 1, 1'000'000);
  const auto sleep_s = arguments.number("sleep", 6, 0.01, 3600);
  if (!host) return fail(host.error());
  if (!family) return fail(family.error());
  if (!tries) return fail(tries.error());
  if (!sleep_s) return fail(sleep_s.error());

  const Waiting waiting{.tries = *tries,
                        .ask = [&]() -> std::expected<std::uint16_t, std::string> {
                          const auto queried =
                              client::query_host(*host, {.family = *family, .timeout_s = kTimeout_s, .retries = 0});
                          if (!queried) return std::unexpected(queried.error());
                          return queried->status;
                        },
                        .pause = [&] { std::this_thread::sleep_for(std::chrono::duration<double>(*sleep_s)); },
                        .say =
                            [&](const std::string& text) {
                              if (arguments.has("verbose")) std::cout << text << std::flush;
                            }};
  return static_cast<int>(wait(waiting));
}

}  // namespace

int main(int argc, char** argv) { return client::run_tool(kTool, argc, argv, kWrongUse, work); }
