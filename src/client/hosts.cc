// SPDX-License-Identifier: BSD-2-Clause
#include "client/hosts.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <netdb.h>
#include <sys/socket.h>

#include "net/resolver.h"
#include "net/socket_address.h"

namespace ntp::client {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{1000};
/// After so many names that took too long, addresses stay addresses: a list of hundreds mustn't wait for each.
constexpr int kMostSlowNames = 3;
/// What all look-ups together may take, for lists of thousands.
constexpr std::chrono::seconds kMostTime{5};
constexpr std::size_t kMostAddresses = 32;

struct Place {
  std::string host;
  std::uint16_t port = 0;
};

/// A port after the last colon, where what stands before it can't be an IPv6 address without brackets.
std::expected<Place, std::string> split(const std::string& name, std::uint16_t port) {
  std::string_view host = name;
  std::string_view digits;
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos) return std::unexpected("'" + name + "': a bracket is not closed");
    const std::string_view rest = host.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':'))
      return std::unexpected("'" + name + "': expected ':PORT' after the bracket");
    if (!rest.empty()) digits = rest.substr(1);
    if (rest == ":") return std::unexpected("'" + name + "': a port is missing after the colon");
    host = host.substr(1, close - 1);
  } else if (std::ranges::count(host, ':') == 1) {
    const std::size_t colon = host.find(':');
    digits = host.substr(colon + 1);
    host = host.substr(0, colon);
    if (digits.empty()) return std::unexpected("'" + name + "': a port is missing after the colon");
  }
  if (host.empty()) return std::unexpected("'" + name + "': there is no host name");
  if (!digits.empty()) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0)
      return std::unexpected("'" + name + "': the port has to be a number from 1 to 65535");
  }
  return Place{.host = std::string(host), .port = port};
}

bool fits(const Address& address, std::optional<Family> family) { return !family || address.family() == *family; }

struct FreeList {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

/// What the thread that looks a name up and the one that waits for it share.
struct Question {
  std::mutex mutex;
  std::condition_variable is_there;
  bool is_done = false;
  std::string name;
};

std::string ask_name(const Address& address) {
  const net::SocketAddress place(Endpoint{.address = address});
  char name[NI_MAXHOST] = {};
  const int error = ::getnameinfo(place.get(), place.length, name, sizeof(name), nullptr, 0, NI_NAMEREQD);
  return error == 0 ? name : std::string();
}

class NameBook {
 public:
  std::string find(const Address& address) {
    const auto known = names_.find(address);
    if (known != names_.end()) return known->second;
    std::string name;
    if (slow_ < kMostSlowNames && spent_ < kMostTime) {
      const auto begin = std::chrono::steady_clock::now();
      name = look_up(address);
      spent_ += std::chrono::steady_clock::now() - begin;
    }
    if (name.empty()) name = address.text();
    return names_.emplace(address, std::move(name)).first->second;
  }

 private:
  /// getnameinfo() can't be told how long to take, so that a thread is left behind where it takes too long.
  std::string look_up(const Address& address) {
    auto question = std::make_shared<Question>();
    try {
      std::thread([question, address] {
        std::string name = ask_name(address);
        const std::lock_guard lock(question->mutex);
        question->name = std::move(name);
        question->is_done = true;
        question->is_there.notify_one();
      }).detach();
    } catch (const std::system_error&) {
      return {};
    }
    std::unique_lock lock(question->mutex);
    if (question->is_there.wait_for(lock, kPatience, [&] { return question->is_done; })) return question->name;
    ++slow_;
    return {};
  }

  std::map<Address, std::string> names_;
  int slow_ = 0;
  std::chrono::steady_clock::duration spent_{};
};

}  // namespace

std::expected<std::vector<Endpoint>, std::string> find_hosts(const std::string& name, std::optional<Family> family,
                                                             std::uint16_t port) {
  const auto place = split(name, port);
  if (!place) return std::unexpected(place.error());
  if (const auto numeric = net::parse_numeric(place->host)) {
    if (!fits(*numeric, family))
      return std::unexpected("'" + name + "' is not an IPv" + (*family == Family::ipv4 ? "4" : "6") + " address");
    return std::vector{Endpoint{.address = *numeric, .port = place->port}};
  }

  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_family = !family ? AF_UNSPEC : *family == Family::ipv4 ? AF_INET : AF_INET6;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(place->host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, FreeList> list(error == 0 ? found : nullptr);
  if (error != 0) {
    const std::string why = error == EAI_SYSTEM ? std::generic_category().message(errno) : ::gai_strerror(error);
    return std::unexpected("'" + place->host + "': " + why);
  }
  std::vector<Endpoint> out;
  for (const addrinfo* entry = list.get(); entry != nullptr && out.size() < kMostAddresses; entry = entry->ai_next) {
    auto endpoint = net::endpoint_from(entry->ai_addr, entry->ai_addrlen);
    if (!endpoint) continue;
    endpoint->port = place->port;
    if (std::ranges::find(out, *endpoint) == out.end()) out.push_back(*endpoint);
  }
  if (out.empty()) return std::unexpected("'" + place->host + "' has no usable address");
  return out;
}

std::string name_of(const Address& address) {
  static NameBook book;
  return book.find(address);
}

}  // namespace ntp::client
