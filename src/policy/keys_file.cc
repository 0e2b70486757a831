// SPDX-License-Identifier: BSD-2-Clause
#include "policy/keys_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "crypto/mac_type.h"
#include "crypto/secret.h"

namespace ntp::policy {
namespace {

using Kind = KeysMessage::Kind;

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kMaxShown = 50;  // the longest address with its prefix length has 43
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kOfTypes = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-/_";
constexpr std::string_view kOfAddresses = "0123456789ABCDEFabcdef:./";

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet < 0x20 && c != '\t') || octet == 0x7f;
}

/// The word for a message if it can be what stands in this place. If not, it may well be a piece of a key.
std::string shown(std::string_view word, std::string_view letters) {
  if (word.size() > kMaxShown || word.find_first_not_of(letters) != std::string_view::npos) return "";
  return std::string(word);
}

struct Word {
  std::string_view text;
  std::size_t column = 0;
};

/// What is wrong with a line, and where.
struct Fault {
  std::size_t column = 0;
  std::string text;
  std::string token;
};

/// The words of a line up to its comment.
class Words {
 public:
  explicit Words(std::string_view line) : whole_(line), rest_(line.substr(0, line.find('#'))) {}

  /// Nothing at the end.
  std::optional<Word> take() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
    if (rest_.empty()) return std::nullopt;
    const std::string_view text = rest_.substr(0, rest_.find_first_of(kBlanks));
    const Word word{.text = text, .column = static_cast<std::size_t>(text.data() - whole_.data()) + 1};
    rest_.remove_prefix(text.size());
    return word;
  }
  /// Behind the last word.
  [[nodiscard]] std::size_t end_column() const { return whole_.substr(0, whole_.find('#')).size() + 1; }

 private:
  std::string_view whole_;
  std::string_view rest_;
};

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

/// A key's octets; wiped at the end.
class SecretOctets {
 public:
  SecretOctets() = default;
  SecretOctets(const SecretOctets&) = delete;
  SecretOctets& operator=(const SecretOctets&) = delete;
  ~SecretOctets() { crypto::wipe(octets_); }

  /// An odd count of digits leaves the last octet's lower half zero.
  std::expected<Bytes, Fault> decode(const Word& word) {
    if (word.text.size() <= kMaxPlainKey) return std::as_bytes(std::span(word.text));
    if (word.text.size() > kMaxKeyDigits)
      return std::unexpected(Fault{.column = word.column,
                                   .text = fmt::format("a key of {} characters: expected up to {} characters, or up to "
                                                       "{} hexadecimal digits",
                                                       word.text.size(), kMaxPlainKey, kMaxKeyDigits),
                                   .token = ""});
    for (std::size_t i = 0; i < word.text.size(); ++i) {
      const auto digit = hex_digit(word.text[i]);
      if (!digit)
        return std::unexpected(Fault{.column = word.column + i,
                                     .text = fmt::format("character {} of the key is no hexadecimal digit: a key of "
                                                         "more than {} characters is hexadecimal",
                                                         i + 1, kMaxPlainKey),
                                     .token = ""});
      octets_[i / 2] |= static_cast<std::byte>(i % 2 == 0 ? *digit << 4U : *digit);
    }
    return Bytes(octets_).first((word.text.size() + 1) / 2);
  }

 private:
  std::array<std::byte, kMaxKeyDigits / 2> octets_{};
};

std::expected<KeyAddress, Fault> parse_address(const Word& word) {
  const std::size_t slash = std::min(word.text.find('/'), word.text.size());
  const auto address = Address::parse(word.text.substr(0, slash));
  const std::string token = shown(word.text, kOfAddresses);
  const std::string subject = token.empty() ? "what follows the key" : token;
  if (!address || address->scope() != 0)
    return std::unexpected(Fault{.column = word.column,
                                 .text = fmt::format("{} is no address: expected who may use the key, as in "
                                                     "192.0.2.1,2001:db8::/32 (a key has no blanks)",
                                                     subject),
                                 .token = token});
  const auto most = static_cast<unsigned>(8 * address->length());
  const auto length = slash == word.text.size() ? most : number<unsigned>(word.text.substr(slash + 1));
  if (length && *length <= most) return KeyAddress{.address = *address, .prefix_length = *length};
  return std::unexpected(
      Fault{.column = word.column + slash + 1,
            .text = fmt::format("{}: expected a prefix length of 0 to {} after the /", subject, most),
            .token = token});
}

std::expected<std::vector<KeyAddress>, Fault> parse_addresses(Word list) {
  std::vector<KeyAddress> addresses;
  for (;;) {
    const std::size_t comma = list.text.find(',');
    auto address = parse_address({.text = list.text.substr(0, comma), .column = list.column});
    if (!address) return std::unexpected(std::move(address).error());
    addresses.push_back(*address);
    if (comma == std::string_view::npos) return addresses;
    list.text.remove_prefix(comma + 1);
    list.column += comma + 1;
  }
}

std::expected<std::uint32_t, Fault> read_id(const Word& word) {
  const auto id = number<std::uint32_t>(word.text);
  if (id && *id >= 1 && *id <= kMaxKeyId) return *id;
  const std::string token = shown(word.text, kDigits);
  return std::unexpected(Fault{.column = word.column,
                               .text = fmt::format("{}: expected the number of a key, 1 to {}",
                                                   token.empty() ? "the first word" : token, kMaxKeyId),
                               .token = token});
}

class Reader {
 public:
  KeysFile read(std::string_view text);

 private:
  using Type = std::expected<std::shared_ptr<const crypto::MacType>, crypto::MacTypeError>;

  std::expected<void, Fault> read_line(std::string_view line);
  const Type& look_up(std::string_view name);
  std::shared_ptr<const crypto::MacType> find_type(std::uint32_t id, const Word& word);
  void note(Kind kind, std::size_t column, std::string text, std::string_view token);
  void note_duplicate(std::uint32_t id, std::size_t column);

  KeysFile file_;
  std::size_t line_number_ = 0;
  std::size_t fault_count_ = 0;
  std::size_t dropped_count_ = 0;
  /// Looked up once a file: 65,534 look-ups take longer than the rest.
  std::map<std::string, Type, std::less<>> types_;
  std::vector<std::uint32_t> line_of_id_ = std::vector<std::uint32_t>(kMaxKeyId + 1);
};

void Reader::note(Kind kind, std::size_t column, std::string text, std::string_view token) {
  if (kind == Kind::fault) ++fault_count_;
  if (file_.messages.size() >= kMaxKeysMessages && kind != Kind::fault) {
    ++dropped_count_;
    return;
  }
  file_.messages.push_back(
      {.kind = kind, .line = line_number_, .column = column, .text = std::move(text), .token = std::string(token)});
}

const Reader::Type& Reader::look_up(std::string_view name) {
  if (const auto known = types_.find(name); known != types_.end()) return known->second;
  return types_.emplace(name, crypto::find_mac_type(name)).first->second;
}

/// Null, and a message, where the type can't be computed.
std::shared_ptr<const crypto::MacType> Reader::find_type(std::uint32_t id, const Word& word) {
  const Type& type = look_up(word.text);
  if (type) return *type;
  const std::string token = shown(word.text, kOfTypes);
  const std::string name = token.empty() ? "(the second word)" : token;
  if (type.error() == crypto::MacTypeError::unknown && (word.text[0] == 'm' || word.text[0] == 'M')) {
    note(Kind::warning, word.column,
         fmt::format("key {}: key type {} is not known and taken as MD5, as the reference implementation takes every "
                     "unknown type that begins with M",
                     id, name),
         token);
    return find_type(id, {.text = "MD5", .column = word.column});
  }
  note(Kind::skipped, word.column, fmt::format("key {} is left out: {}", id, crypto::explain(type.error(), name)),
       token);
  return nullptr;
}

void Reader::note_duplicate(std::uint32_t id, std::size_t column) {
  if (line_of_id_[id] != 0)
    note(Kind::warning, column, fmt::format("key {} is in line {} too: this one counts", id, line_of_id_[id]),
         std::to_string(id));
  line_of_id_[id] = static_cast<std::uint32_t>(line_number_);
}

std::expected<void, Fault> Reader::read_line(std::string_view line) {
  if (line.size() > kMaxKeysLine)
    return std::unexpected(Fault{.column = kMaxKeysLine + 1,
                                 .text = fmt::format("the line has more than {} octets", kMaxKeysLine),
                                 .token = ""});
  Words words(line);
  const auto id_word = words.take();
  if (!id_word) return {};
  const std::string_view used = line.substr(0, line.find('#'));
  if (const auto bad = std::ranges::find_if(used, is_control); bad != used.end())
    return std::unexpected(Fault{.column = static_cast<std::size_t>(bad - used.begin()) + 1,
                                 .text = fmt::format("control character 0x{:02x}: this is no text file",
                                                     static_cast<unsigned>(static_cast<unsigned char>(*bad))),
                                 .token = ""});

  const auto id = read_id(*id_word);
  if (!id) return std::unexpected(id.error());
  const auto type_word = words.take();
  const auto secret_word = words.take();
  if (!secret_word)
    return std::unexpected(Fault{.column = words.end_column(),
                                 .text = fmt::format("key {}: expected a type and a key after the number", *id),
                                 .token = ""});

  const auto type = find_type(*id, *type_word);
  if (type == nullptr) return {};
  SecretOctets octets;
  const auto secret = octets.decode(*secret_word);
  if (!secret) return std::unexpected(secret.error());
  Key key{.id = *id, .mac = crypto::MacKey(type, *secret), .addresses = {}};
  if (const auto list = words.take()) {
    auto addresses = parse_addresses(*list);
    if (!addresses) return std::unexpected(std::move(addresses).error());
    key.addresses = std::move(*addresses);
  }
  if (const auto more = words.take())
    return std::unexpected(Fault{.column = more->column,
                                 .text = "expected the end of the line: addresses are separated by commas alone",
                                 .token = ""});
  note_duplicate(*id, id_word->column);
  file_.keys.push_back(std::move(key));
  return {};
}

KeysFile Reader::read(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty() && fault_count_ < kMaxKeysFaults) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line_number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto good = read_line(line); !good) {
      Fault& fault = good.error();
      note(Kind::fault, fault.column, std::move(fault.text), fault.token);
    }
  }
  line_number_ = 0;
  if (dropped_count_ > 0) {
    file_.messages.push_back(
        {.kind = Kind::warning, .text = fmt::format("{} more messages about this file", dropped_count_), .token = ""});
  }
  file_.is_faulty = fault_count_ > 0;
  if (file_.is_faulty) file_.keys.clear();
  if (!text.empty())
    file_.messages.push_back(
        {.kind = Kind::fault, .text = fmt::format("{} faults: the rest was not read", fault_count_), .token = ""});
  return std::move(file_);
}

}  // namespace

KeysFile parse_keys_file(std::string_view text) { return Reader().read(text); }

}  // namespace ntp::policy
