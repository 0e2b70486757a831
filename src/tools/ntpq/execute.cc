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

std::string json_line(client::Json host, std::string_view typed, const Outcome& outcome) {
  client::Json out;
  out.add("host", std::move(host));
  out.add("command", typed);
  if (outcome) out.add("result", to_json(*outcome));
  const std::string& fault = outcome ? fault_of(*outcome) : outcome.error().text;
  if (!fault.empty()) out.add("error", fault);
  return out.text() + "\n";
}

/// Tells that none of these commands could be sent to a host.
void complain(const std::string& host, const std::string& why, const std::vector<std::string>& lines, bool is_json,
              const Streams& streams) {
  if (!is_json || lines.empty()) streams.error("ntpq: " + why + "\n");
  if (!is_json) return;
  for (const std::string& line : lines) streams.out(json_line(host, line, failure(why)));
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
  const bool is_json = context.settings.is_json;
  const auto host = context.host() ? client::Json(context.host()->name) : client::Json();
  const std::string text = is_json ? json_line(host, line, outcome) : to_text(*outcome);
  if (parsed.redirect.empty()) {
    streams.out(text);
  } else if (const auto written = write_file(parsed.redirect, text); !written) {
    streams.error(written.error().text + "\n");
    return Ended::badly;
  }
  if (!outcome) return Ended::badly;
  const std::string& fault = fault_of(*outcome);
  // What a server says to a change is among the lines.
  if (!fault.empty() && !is_json && !std::holds_alternative<Text>(*outcome)) streams.error(fault + "\n");
  return fault.empty() ? Ended::well : Ended::badly;
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
      complain(host, chosen.error(), lines, context.settings.is_json, streams);
      ended = Ended::badly;
      continue;
    }
    if (!std::exchange(is_first_host, false) && has_gaps) streams.out("\n");
    bool is_first = true;
    for (const std::string& line : lines) {
      if (context.has_ended) return ended;
      if (context.is_interrupted()) return Ended::badly;
      if (!std::exchange(is_first, false) && has_gaps) streams.out("\n");
      if (execute(context, line, streams) == Ended::badly) ended = Ended::badly;
    }
  }
  return ended;
}

}  // namespace ntp::ntpq
