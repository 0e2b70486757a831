// SPDX-License-Identifier: BSD-2-Clause
#include "config/message.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"

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

namespace {

/// Octets of the character at the start of `text` that a terminal may get; 0 if there is none.
std::size_t harmless_length(std::string_view text) {
  const std::size_t length = utf8_length(text);
  if (length == 0) return 0;
  const char32_t character = utf8_character(text.substr(0, length));
  const bool is_control = character < 0x20 || (character >= 0x7f && character < 0xa0);
  return is_control ? 0 : length;
}

/// The first octets, without a character that ends behind them.
std::string_view first_octets(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  for (std::size_t tail = 1; tail < 4; ++tail)
    if (const std::size_t length = utf8_length(text.substr(most - tail)); length > tail)
      return text.substr(0, most - tail);
  return text.substr(0, most);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = harmless_length(text);
    if (length == 0)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    else
      out += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string quotable(std::string_view text) {
  constexpr std::size_t kMaxShown = 64;
  return escaped(first_octets(text, kMaxShown)) + (text.size() > kMaxShown ? "..." : "");
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
