// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpdc's commands work with: the server that is asked, the settings that the user makes, and where text goes.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "client/control_session.h"
#include "client/private_session.h"
#include "client/time_text.h"

namespace ntp::tools::ntpdc {

/// A command's words after its name.
using Words = std::vector<std::string>;

/// The world outside: tests have their own.
struct Surroundings {
  std::function<void(std::string_view)> print;     ///< answers
  std::function<void(std::string_view)> complain;  ///< all else
  std::function<std::optional<std::string>(const std::string&)> ask_line;
  std::function<std::optional<std::string>(const std::string&)> ask_hidden;
  std::function<std::expected<client::PrivateSession, std::string>(const Endpoint&, client::PrivateOptions,
                                                                   std::function<void(const std::string&)>)>
      open;
  client::Zone zone = client::Zone::local;
};

struct Settings {
  std::optional<Family> family;
  bool shows_names = true;
  double timeout_s = 5;
  int delay_ms = 20;  ///< kept for scripts that set it: proofs carry time stamps of this machine's clock as they are
  std::string key_type = "MD5";
  std::uint32_t key_id = 0;
  std::string keys_file;
  int debug_level = 0;
};

class Console {
 public:
  Console(Surroundings surroundings, Settings settings);

  /// Runs one line. False: the user wants to leave.
  bool run(std::string_view line);
  /// True if every command so far was understood and answered.
  [[nodiscard]] bool is_well() const { return is_well_; }

  /// Looks the host up; false: there is none, and the user has been told.
  bool use_host(const std::string& name);
  [[nodiscard]] const std::string& host() const { return host_; }

  // For commands.
  Settings& settings() { return settings_; }
  [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }
  void print(std::string_view text) const { surroundings_.print(text); }
  void complain(std::string_view text);
  /// A wrong use of the command.
  void explain_use(std::string_view usage);
  void leave() { wants_to_leave_ = true; }

  /// Asks; an error is told to the user.
  [[nodiscard]] std::optional<client::PrivateItems> ask(const client::PrivateRequest& request);
  /// A question without items.
  [[nodiscard]] std::optional<client::PrivateItems> ask(wire::PrivateCode code);
  /// All items of an answer. Nothing if they have not the length that this question is answered with.
  template <class Item>
  [[nodiscard]] std::optional<std::vector<Item>> items(const client::PrivateRequest& request) {
    const auto answer = ask(request);
    if (!answer || !has_right_length(request.code, *answer)) return std::nullopt;
    std::vector<Item> out;
    for (std::size_t i = 0; i < answer->count; ++i) out.push_back(wire::decode_item<Item>((*answer)[i]));
    return out;
  }
  template <class Item>
  [[nodiscard]] std::optional<std::vector<Item>> items(wire::PrivateCode code) {
    return items<Item>(client::make_private_request<wire::WordItem>(code, {}));
  }
  /// The first item of an answer that has one.
  template <class Item>
  [[nodiscard]] std::optional<Item> item(wire::PrivateCode code) {
    const auto all = items<Item>(code);
    if (!all) return std::nullopt;
    if (all->size() == 1) return all->front();
    complain("***Incorrect number of items returned by remote host");
    return std::nullopt;
  }
  /// Orders a change, in as many requests as its items need; says "done!" when all are done.
  template <class Item>
  void order(wire::PrivateCode code, std::span<const Item> all) {
    const std::size_t most = std::max<std::size_t>(client::most_items(code), 1);
    std::size_t first = 0;
    do {
      const std::size_t count = std::min(most, all.size() - first);
      if (!ask(client::make_private_request(code, all.subspan(first, count)))) return;
      first += count;
    } while (first < all.size());
    print("done!\n");
  }

  /// An address that the user named; told to the user if there is none.
  [[nodiscard]] std::optional<Address> find_address(const std::string& name);
  /// As the user wants to see it: its name, or as it is.
  [[nodiscard]] std::string name_of(const Address& address) const;
  [[nodiscard]] std::string stamp(Timestamp stamp) const;

  /// Of the key that is set, and of its type; false: the user has been told why not.
  bool set_key_type(const std::string& type);
  bool set_key_id(const std::string& text);
  bool set_password(const std::string& password);
  /// Octets of a digest of the key's type; 0: it isn't known.
  [[nodiscard]] std::size_t digest_length() const;
  void set_timeout(double seconds);

 private:
  [[nodiscard]] bool has_right_length(wire::PrivateCode code, const client::PrivateItems& items);
  void explain(const client::PrivateFailure& failure, const client::PrivateRequest& request);
  /// Asks the user for the key's number and password, where they aren't known.
  bool get_credentials();

  Surroundings surroundings_;
  Settings settings_;
  std::string host_;
  std::optional<client::PrivateSession> session_;
  std::optional<client::Credentials> credentials_;
  bool wants_to_leave_ = false;
  bool is_well_ = true;
  bool was_warned_ = false;  ///< while the last request was asked
  bool was_told_of_mode7_ = false;
  bool was_told_of_strangers_ = false;
};

}  // namespace ntp::tools::ntpdc
