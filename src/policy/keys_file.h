// SPDX-License-Identifier: BSD-2-Clause
//
// The keys file (ntp.keys): a line is "ID TYPE KEY [ADDRESS[/BITS],...]", and # begins a comment wherever it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/key_ring.h"

namespace ntp::policy {

/// A key of up to so many characters is taken as it stands; a longer one is hexadecimal.
inline constexpr std::size_t kMaxPlainKey = 20;
/// 64 octets.
inline constexpr std::size_t kMaxKeyDigits = 128;
inline constexpr std::size_t kMaxKeysLine = 8192;
/// A file with so many faults is no keys file: reading stops.
inline constexpr std::size_t kMaxKeysFaults = 15;
/// Messages that are kept; one more says how many there were.
inline constexpr std::size_t kMaxKeysMessages = 100;

/// Holds no key and no part of one, as far as the words of a line stand where they belong.
struct KeysMessage {
  enum class Kind : std::uint8_t {
    fault,    ///< the file as a whole can't be used
    skipped,  ///< the line's key is left out
    warning,  ///< the key is there, but perhaps not as it was meant
  };
  Kind kind = Kind::fault;
  std::size_t line = 0;    ///< from 1; 0: the file as a whole
  std::size_t column = 0;  ///< in octets, from 1; 0: the file as a whole
  std::string text;
  std::string token;  ///< the type, the number or the address in question; may be empty

  friend bool operator==(const KeysMessage&, const KeysMessage&) = default;
};

struct KeysFile {
  std::vector<Key> keys;  ///< in the order of the file, none of them trusted; none at all if the file is faulty
  std::vector<KeysMessage> messages;
  bool is_faulty = false;
};

/// All or nothing: one malformed line, and there are no keys. A line whose type can't be computed costs that key alone.
[[nodiscard]] KeysFile parse_keys_file(std::string_view text);

}  // namespace ntp::policy
