// SPDX-License-Identifier: BSD-2-Clause
//
// What commands work with: the server that is asked, the settings that other commands make, and the world in a few functions.
#pragma once

#include <csignal>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "client/control_session.h"
#include "client/variables.h"
#include "tools/ntpq/result.h"

namespace ntp::ntpq {

enum class RefidDisplay : std::uint8_t { ipv4, hash };

struct Settings {
  bool is_raw = false;
  bool is_json = false;
  bool shows_names = true;
  bool is_wide = false;
  bool has_old_status = false;  ///< rv with names prints the status line, too
  RefidDisplay refid = RefidDisplay::ipv4;
  std::optional<Family> family;
  bool proves_all = false;  ///< `authenticate yes`
  std::string key_type = "MD5";
  std::optional<std::uint32_t> key_id;
  std::vector<std::string> keys_files;  ///< where keys are looked for before anybody is asked
  bool has_own_keys_file = false;       ///< -k: then it has to be there
  std::int64_t delay_ms = 20;
  int debug_level = 0;
  client::ControlOptions control;
};

struct Association {
  std::uint16_t id = 0;
  std::uint16_t status = 0;
};

/// The world outside; tests bring their own.
struct World {
  std::function<std::expected<client::ControlSession, std::string>(const Endpoint&, const client::ControlOptions&)>
      connect;
  std::function<Timestamp()> now;                                            ///< this host's clock
  std::function<std::string(const Address&)> name_of;                        ///< its name, else the address as text
  std::function<std::optional<std::string>(const std::string&)> ask_line;    ///< a person; nothing at the end of input
  std::function<std::optional<std::string>(const std::string&)> ask_hidden;  ///< the same, unseen
  std::function<void(std::string_view)> tell;                                ///< a note on standard error, as it stands
  const volatile std::sig_atomic_t* interrupt = nullptr;
  std::function<double()> uptime_s = [] { return 0.0; };  ///< a clock that only goes forward
};

struct ChosenHost {
  std::string name;                 ///< as it was given
  std::vector<Endpoint> endpoints;  ///< at least one; the first is asked
  bool has_answered = false;
};

class Context {
 public:
  explicit Context(World outside) : world(std::move(outside)) {}

  Settings settings;
  World world;
  std::vector<client::Variable> chosen_variables;  ///< addvars
  std::size_t host_count = 1;                      ///< hosts of the command line
  std::size_t host_width = 0;                      ///< characters of the longest of their names
  bool has_ended = false;                          ///< quit

  /// Asks this host from now on; nothing is sent. An error says which host and why.
  std::expected<void, std::string> choose_host(const std::string& name, std::optional<Family> family);
  [[nodiscard]] const std::optional<ChosenHost>& host() const { return host_; }

  /// Asks the server. A failure is what people are told.
  std::expected<client::ControlAnswer, Failure> ask(const client::ControlRequest& request);
  /// The same without words.
  std::expected<client::ControlAnswer, client::ControlFailure> try_ask(const client::ControlRequest& request);
  [[nodiscard]] static Failure failure_of(const client::ControlFailure& fault, const std::string& host);
  /// The same, proven: a person is asked for key and password if there are none yet.
  std::expected<client::ControlAnswer, Failure> ask_proven(client::ControlRequest request);

  /// Makes sure that there is a key; asks for what is missing.
  std::expected<void, Failure> need_key();
  std::expected<void, Failure> set_password(const std::string& password);
  void set_credentials(client::Credentials credentials);
  void forget_key() { credentials_.reset(); }
  [[nodiscard]] bool has_key() const { return credentials_.has_value(); }
  [[nodiscard]] const std::optional<client::Credentials>& credentials() const { return credentials_; }
  void apply_options();

  /// Of the server, ordered by id; asked for when they aren't known. `is_fresh`: asked for in any case.
  std::expected<std::vector<Association>, Failure> associations(bool is_fresh);
  /// "0", "1981", "&1" (the first of the list). An error says what was expected.
  std::expected<std::uint16_t, Failure> association_of(std::string_view word);

  [[nodiscard]] bool is_interrupted() const { return world.interrupt != nullptr && *world.interrupt != 0; }

 private:
  std::expected<client::ControlSession*, Failure> session();
  /// True if the host has another address, which is asked from now on: nobody listens at the first, and it never answered.
  bool take_next_address(const client::ControlFailure& failure);

  std::optional<ChosenHost> host_;
  std::optional<client::ControlSession> session_;
  std::optional<client::Credentials> credentials_;
  std::optional<std::vector<Association>> associations_;
};

}  // namespace ntp::ntpq
