// SPDX-License-Identifier: BSD-2-Clause
//
// ntpsweep: a table of the time servers of a network.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "client/host_facts.h"
#include "client/hosts.h"
#include "client/options.h"
#include "client/tool_arguments.h"
#include "tools/ntpsweep/sweep.h"

namespace {

using namespace ntp;
using namespace ntp::tools::ntpsweep;

constexpr std::array kOptions{
#define NTP_TOOL_OPTION(letter, name, value, meaning) client::Option{letter, name, value, meaning},
#include "tools/ntpsweep/options.def"
#undef NTP_TOOL_OPTION
};

constexpr client::Tool kTool{
    .name = "ntpsweep",
    .usage = "[options] [HOST...]",
    .purpose = "prints a table of time servers: stratum, offset, version, system, processor.",
    .notes = R"(A question mark stands for a host that doesn't answer. One that tells strangers nothing is asked for the
time alone; then its offset is measured from here.

Exit status: 0 a host answered, 1 none did or the file can't be read, 2 wrong options.

  ntpsweep -p -m 2 -s .example.com time1.example.com
)",
    .options = kOptions};

constexpr int kNoAnswer = 1;
constexpr int kWrongUse = 2;
constexpr std::size_t kMaxFile = 1 << 20;

int fail(const std::string& message, int status) {
  std::cerr << "ntpsweep: " << message << '\n';
  return status;
}

/// All hosts that were named, in their order; this host if none was.
std::expected<std::vector<std::string>, std::string> hosts_of(const client::Arguments& arguments) {
  std::vector<std::string> hosts;
  const auto append = [&](const std::vector<std::string>& more) {
    hosts.insert(hosts.end(), more.begin(), more.end());
  };
  for (const std::string& list : arguments.values("host-list")) append(words_of_list(list));
  if (const auto path = arguments.value("host-file")) {
    std::ifstream file(*path, std::ios::binary);
    std::string text(kMaxFile, '\0');
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.eof()) {
      const char* const reason = file.is_open() && file ? "longer than 1 MiB" : std::strerror(errno);
      return std::unexpected(*path + ": " + reason);
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    append(hosts_of_text(text));
  }
  append(arguments.rest());
  if (hosts.empty()) hosts.emplace_back("localhost");
  return hosts;
}

int work(const client::Arguments& arguments) {
  const auto family = client::family_of(arguments);
  const auto max_level = arguments.whole("maxlevel", 4, 1, 16);
  const auto timeout_s = arguments.number("timeout", 2, 0.1, 60);
  if (!family) return fail(family.error(), kWrongUse);
  if (!max_level) return fail(max_level.error(), kWrongUse);
  if (!timeout_s) return fail(timeout_s.error(), kWrongUse);
  const auto hosts = hosts_of(arguments);
  if (!hosts) return fail(hosts.error(), kNoAnswer);

  const bool is_json = arguments.has("json");
  const std::string suffix = arguments.value("strip").value_or("");
  const Sweep how{
      .max_level = arguments.has("peers") ? static_cast<int>(*max_level) : 0,
      .ask = [&](const Endpoint& one,
                 client::SourcesWanted wanted) { return client::ask_host(one, {.timeout_s = *timeout_s}, wanted); },
      .name =
          [&](const Endpoint& one) {
            return arguments.has("numeric") ? one.address.text() : stripped(client::name_of(one.address), suffix);
          },
      .show =
          [&](const std::string& name, int level, const auto& facts) {
            std::cout << (is_json ? json_row(name, level, facts) : table_row(name, level, facts)) << std::flush;
          }};
  if (!is_json) std::cout << table_head() << std::flush;
  std::set<Endpoint> seen;
  bool has_answer = false;
  for (const std::string& host : *hosts) {
    const auto found = client::find_hosts(host, *family);
    if (!found) {
      how.show(stripped(host, suffix), 0, std::unexpected(found.error()));
      continue;
    }
    const auto addresses = std::span(*found).first(std::min(found->size(), client::kMaxTriedAddresses));
    if (sweep(addresses, stripped(host, suffix), how, seen)) has_answer = true;
  }
  return has_answer ? 0 : kNoAnswer;
}

}  // namespace

int main(int argc, char** argv) { return client::run_tool(kTool, argc, argv, kWrongUse, work); }
