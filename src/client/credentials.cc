// SPDX-License-Identifier: BSD-2-Clause
#include "client/credentials.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "policy/keys_file.h"

namespace ntp::client {
namespace {

constexpr std::size_t kMaxKeysFile = std::size_t{4} << 20U;
constexpr std::array kUsualFiles = {"/etc/ntp.keys", "/etc/ntpsec/ntp.keys", "/etc/ntp/ntp.keys", "/etc/ntp/keys"};

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

std::expected<std::string, std::string> read_whole(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) return std::unexpected(path + ": " + std::generic_category().message(errno));
  std::string text;
  std::array<char, 16384> block{};
  while (const std::size_t length = std::fread(block.data(), 1, block.size(), file.get())) {
    text.append(block.data(), length);
    if (text.size() > kMaxKeysFile) return std::unexpected(path + ": too long for a keys file");
  }
  if (std::ferror(file.get()) != 0) return std::unexpected(path + ": " + std::generic_category().message(errno));
  return text;
}

std::string first_fault(const policy::KeysFile& keys) {
  for (const policy::KeysMessage& message : keys.messages)
    if (message.kind == policy::KeysMessage::Kind::fault)
      return fmt::format("{}:{}: {}", message.line, message.column, message.text);
  return "faulty";
}

std::optional<unsigned> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

/// Of an odd number of digits the last one is the upper half of an octet.
std::optional<std::vector<std::byte>> from_hexadecimal(std::string_view digits) {
  std::vector<std::byte> out((digits.size() + 1) / 2);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto digit = digit_of(digits[i]);
    if (!digit) return std::nullopt;
    out[i / 2] |= static_cast<std::byte>(i % 2 == 0 ? *digit << 4U : *digit);
  }
  return out;
}

}  // namespace

std::expected<Credentials, std::string> key_of_file(const std::string& path, std::uint32_t id) {
  const auto text = read_whole(path);
  if (!text) return std::unexpected(text.error());
  const policy::KeysFile keys = policy::parse_keys_file(*text);
  if (keys.is_faulty) return std::unexpected(path + ":" + first_fault(keys));
  // Of two keys of one id the later one counts, as for the daemon.
  const auto last =
      std::find_if(keys.keys.rbegin(), keys.keys.rend(), [&](const policy::Key& key) { return key.id == id; });
  if (last != keys.keys.rend()) return Credentials{.key_id = id, .key = std::make_shared<crypto::MacKey>(last->mac)};
  for (const policy::KeysMessage& message : keys.messages)
    if (message.kind == policy::KeysMessage::Kind::skipped && message.token == fmt::to_string(id))
      return std::unexpected(fmt::format("{}:{}: {}", path, message.line, message.text));
  return std::unexpected(fmt::format("{}: has no key {} that can be used", path, id));
}

std::vector<std::string> usual_keys_files() {
  std::vector<std::string> out;
  for (const char* path : kUsualFiles)
    if (::access(path, R_OK) == 0) out.emplace_back(path);
  return out;
}

std::expected<Credentials, std::string> key_of_password(std::uint32_t id, std::string_view type,
                                                        std::string_view password) {
  if (password.empty()) return std::unexpected("the password is empty");
  if (password.size() > policy::kMaxKeyDigits)
    return std::unexpected(
        fmt::format("the password is too long: at most {} hexadecimal digits", policy::kMaxKeyDigits));
  std::expected<crypto::MacKey, std::string> key = std::unexpected(std::string());
  if (password.size() <= policy::kMaxPlainKey) {
    key = crypto::MacKey::make(type, std::as_bytes(std::span(password)));
  } else {
    const auto octets = from_hexadecimal(password);
    if (!octets)
      return std::unexpected(
          fmt::format("a password of more than {} characters has to be hexadecimal", policy::kMaxPlainKey));
    key = crypto::MacKey::make(type, *octets);
  }
  if (!key) return std::unexpected(key.error());
  return Credentials{.key_id = id, .key = std::make_shared<crypto::MacKey>(std::move(*key))};
}

std::expected<std::uint32_t, std::string> parse_key_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id == 0 || id > policy::kMaxKeyId)
    return std::unexpected(fmt::format("'{}' is no key id: expected a number from 1 to {}", text, policy::kMaxKeyId));
  return id;
}

}  // namespace ntp::client
