// SPDX-License-Identifier: BSD-2-Clause
//
// What the parser has to say: file, line, column, what is wrong and what was expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::config {

enum class Severity : std::uint8_t {
  error,        ///< the line is not applied
  unsupported,  ///< known, but not part of this version: the text says what is lost
  obsolete,     ///< accepted, without effect
  warning,      ///< applied, but probably not what was meant
};

struct Message {
  std::string file;
  std::size_t line = 0;    ///< from 1; 0: the file as a whole
  std::size_t column = 0;  ///< in octets, from 1; 0: the file as a whole
  Severity severity = Severity::error;
  std::string text;
  bool refuses_start = false;
  std::string token;    ///< the word in question; may be empty
  std::string nearest;  ///< the known word that it is like; may be empty

  friend bool operator==(const Message&, const Message&) = default;
};

std::string_view name(Severity severity);

/// "ntp.conf:3:8: error: minpoll 30: expected -4 to 17 (log2 of seconds)".
std::string text(const Message& message);

/// False if a message refuses the start. All else costs a line or a function, and the daemon starts.
bool starts(const std::vector<Message>& messages);

/// What --check-config asks: neither errors nor unsupported lines.
bool is_clean(const std::vector<Message>& messages);

/// Text made fit for a log line and for a terminal: each octet of a control character, and each that is no UTF-8, becomes \xNN.
std::string escaped(std::string_view text);
/// The same of at most 64 octets.
std::string quotable(std::string_view text);

/// Collects messages; after kMaxMessages they are only counted, and the last one says so.
class MessageLog {
 public:
  static constexpr std::size_t kMaxMessages = 1000;

  void add(Message message);
  [[nodiscard]] std::vector<Message> take() &&;

 private:
  std::vector<Message> messages_;
  std::size_t dropped_ = 0;
  Message summary_;
};

}  // namespace ntp::config
