// SPDX-License-Identifier: BSD-2-Clause
#include "config/message.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace ntp::config {

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::unsupported:
      return "unsupported";
    case Severity::obsolete:
      return "obsolete";
    case Severity::warning:
      return "warning";
  }
  return "error";
}

std::string text(const Message& message) {
  if (message.line == 0) return fmt::format("{}: {}: {}", message.file, name(message.severity), message.text);
  return fmt::format("{}:{}:{}: {}: {}", message.file, message.line, message.column, name(message.severity),
                     message.text);
}

bool starts(const std::vector<Message>& messages) { return std::ranges::none_of(messages, &Message::refuses_start); }

bool is_clean(const std::vector<Message>& messages) {
  return std::ranges::none_of(messages, [](const Message& m) {
    return m.refuses_start || m.severity == Severity::error || m.severity == Severity::unsupported;
  });
}

std::string quotable(std::string_view text) {
  constexpr std::size_t kMaxShown = 64;
  std::string out;
  for (const char c : text.substr(0, kMaxShown)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) {
      out += fmt::format("\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  if (text.size() > kMaxShown) out += "...";
  return out;
}

void MessageLog::add(Message message) {
  if (messages_.size() < kMaxMessages) {
    messages_.push_back(std::move(message));
    return;
  }
  // What is dropped must not weaken the verdict: the summary takes over the gravest severity and the refusal.
  if (dropped_ == 0) summary_ = Message{.file = message.file, .severity = Severity::warning};
  ++dropped_;
  summary_.severity = std::min(summary_.severity, message.severity);
  summary_.refuses_start = summary_.refuses_start || message.refuses_start;
}

std::vector<Message> MessageLog::take() && {
  if (dropped_ > 0) {
    summary_.text = fmt::format("{} more messages are not shown", dropped_);
    messages_.push_back(std::move(summary_));
  }
  return std::move(messages_);
}

}  // namespace ntp::config
