// SPDX-License-Identifier: BSD-2-Clause
//
// ntptrace: from a server back to its reference clock.
#include <array>
#include <iostream>
#include <string>

#include "client/host_facts.h"
#include "client/hosts.h"
#include "client/options.h"
#include "client/tool_arguments.h"
#include "tools/ntptrace/trace.h"

namespace {

using namespace ntp;
using namespace ntp::tools::ntptrace;

constexpr std::array kOptions{
#define NTP_TOOL_OPTION(letter, name, value, meaning) client::Option{letter, name, value, meaning},
#include "tools/ntptrace/options.def"
#undef NTP_TOOL_OPTION
};

constexpr client::Tool kTool{
    .name = "ntptrace",
    .usage = "[options] [HOST]",
    .purpose = "follows a server's time back to its reference clock, a line a host.",
    .notes = R"(offset: what the host thinks it is wrong by (s); synch distance: its time is right within this (s).
"by its time alone": the host tells strangers nothing else; the offset is then measured from here.

Exit status: 0 the first host answered, 1 it did not, 2 wrong options.

  ntptrace                      from this host's daemon on
  ntptrace -n -m 3 time.example
)",
    .options = kOptions};

constexpr int kNoAnswer = 1;
constexpr int kWrongUse = 2;

int fail(const std::string& message, int status) {
  std::cerr << "ntptrace: " << message << '\n';
  return status;
}

int work(const client::Arguments& arguments) {
  const auto host = client::host_of(arguments);
  const auto family = client::family_of(arguments);
  const auto max_hosts = arguments.whole("max-hosts", 99, 1, 99);
  const auto timeout_s = arguments.number("timeout", 2, 0.1, 60);
  if (!host) return fail(host.error(), kWrongUse);
  if (!family) return fail(family.error(), kWrongUse);
  if (!max_hosts) return fail(max_hosts.error(), kWrongUse);
  if (!timeout_s) return fail(timeout_s.error(), kWrongUse);
  const auto found = client::find_hosts(*host, *family);
  if (!found) return fail(found.error(), kNoAnswer);

  const auto name = [&](const Endpoint& one) {
    return arguments.has("numeric") ? one.address.text() : client::name_of(one.address);
  };
  bool has_answered = false;
  const Tracing tracing{.max_hosts = static_cast<int>(*max_hosts),
                        .ask = [&](const Endpoint& one) -> std::expected<client::HostFacts, std::string> {
                          auto asked = client::ask_host(one, {.timeout_s = *timeout_s}, client::SourcesWanted::no);
                          if (!asked) return std::unexpected(asked.error());
                          return std::move(asked->facts);
                        },
                        .show =
                            [&](const client::HostFacts& facts) {
                              const std::string shown = name(facts.server);
                              std::cout << (arguments.has("json") ? to_json(facts, shown) : to_text(facts, shown))
                                        << std::flush;
                            },
                        .show_problem =
                            [&](const Endpoint& one, const std::string& problem) {
                              std::cerr << "ntptrace: " << one.address.text() << ": " << problem << '\n';
                            }};
  // Of a name with several addresses the first one that answers.
  for (std::size_t i = 0; !has_answered && i < std::min(found->size(), client::kMaxTriedAddresses); ++i)
    has_answered = trace((*found)[i], tracing);
  return has_answered ? 0 : kNoAnswer;
}

}  // namespace

int main(int argc, char** argv) { return client::run_tool(kTool, argc, argv, kWrongUse, work); }
