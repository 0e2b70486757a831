// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/execute.h"

#include <cerrno>
#include <cstdio>
#include <expected>
#include <memory>
#include <system_error>
#include <utility>

#include "base/utf8.h"
#include "client/json.h"
#include "client/variables.h"
#include "tools/ntpq/commands.h"

namespace ntp::ntpq {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

std::expected<void, Failure> write_file(const std::string& path, const std::string& text) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "we"));
  const bool is_written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                          std::fflush(file.get()) == 0;
  if (is_written) return {};
  return failure("***`" + client::printable(path) + "': " + std::generic_category().message(errno));
}

Outcome outcome_of(Context& context, std::string_view typed, CommandLine& line) {
  auto read = read_line(typed);
  if (!read) return std::unexpected(read.error());
  line = *std::move(read);
  if (line.command == nullptr) return Done{};
  return run(context, line);
}

std::string json_line(const Context& context, std::string_view typed, const Outcome& outcome) {
  client::Json out;
  out.add("host", context.host() ? client::Json(context.host()->name) : client::Json());
  out.add("command", typed);
  if (!outcome)
    out.add("error", outcome.error().text);
  else
    out.add("result", to_json(*outcome));
  return out.text() + "\n";
}

}  // namespace

Ended execute(Context& context, std::string_view line, const Streams& streams) {
  CommandLine parsed;
  const Outcome outcome = outcome_of(context, line, parsed);
  const bool is_empty = outcome && parsed.command == nullptr;
  if (is_empty) return Ended::well;
  if (!outcome && !context.settings.is_json) {
    streams.error(outcome.error().text + "\n");
    return Ended::badly;
  }
  const std::string text = context.settings.is_json ? json_line(context, line, outcome) : to_text(*outcome);
  if (parsed.redirect.empty()) {
    streams.out(text);
  } else if (const auto written = write_file(parsed.redirect, text); !written) {
    streams.error(written.error().text + "\n");
    return Ended::badly;
  }
  return outcome ? Ended::well : Ended::badly;
}

Ended execute_all(Context& context, const std::vector<std::string>& hosts, const std::vector<std::string>& lines,
                  const Streams& streams) {
  const bool has_gaps = !context.settings.is_json;
  Ended ended = Ended::well;
  context.host_count = hosts.size();
  for (const std::string& host : hosts) context.host_width = std::max(context.host_width, utf8_count(host));
  bool is_first_host = true;
  for (const std::string& host : hosts) {
    if (const auto chosen = context.choose_host(host, context.settings.family); !chosen) {
      streams.error("ntpq: " + chosen.error() + "\n");
      ended = Ended::badly;
      continue;
    }
    if (!std::exchange(is_first_host, false) && has_gaps) streams.out("\n");
    bool is_first = true;
    for (const std::string& line : lines) {
      if (context.has_ended || context.is_interrupted()) return ended;
      if (!std::exchange(is_first, false) && has_gaps) streams.out("\n");
      if (execute(context, line, streams) == Ended::badly) ended = Ended::badly;
    }
  }
  return ended;
}

}  // namespace ntp::ntpq
