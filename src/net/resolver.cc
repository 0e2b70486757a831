// SPDX-License-Identifier: BSD-2-Clause
#include "net/resolver.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <system_error>
#include <utility>

#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

#include "net/socket_address.h"

namespace ntp::net {
namespace {

struct FreeAddrinfo {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddrinfoList = std::unique_ptr<addrinfo, FreeAddrinfo>;

int family_wanted(NameQuery::Wanted wanted) {
  switch (wanted) {
    case NameQuery::Wanted::any:
      return AF_UNSPEC;
    case NameQuery::Wanted::ipv4:
      return AF_INET;
    case NameQuery::Wanted::ipv6:
      return AF_INET6;
  }
  return AF_UNSPEC;
}

bool is_of_wanted_family(const Address& address, NameQuery::Wanted wanted) {
  return wanted == NameQuery::Wanted::any || address.is_v4() == (wanted == NameQuery::Wanted::ipv4);
}

int ask(const std::string& name, const addrinfo& hints, AddrinfoList& out) {
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
  out.reset(error == 0 ? list : nullptr);
  return error;
}

NameAnswer look_up(const NameQuery& query) {
  NameAnswer answer{.token = query.token};
  addrinfo hints{};
  hints.ai_family = family_wanted(query.wanted);
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  AddrinfoList list;
  int error = ask(query.name, hints, list);
  if (error != 0 && error != EAI_AGAIN) {
    // A host that has only loopback addresses (yet) gets nothing with AI_ADDRCONFIG, not even "localhost".
    hints.ai_flags = 0;
    error = ask(query.name, hints, list);
  }
  if (error != 0) {
    answer.error = error == EAI_SYSTEM ? std::generic_category().message(errno) : ::gai_strerror(error);
    answer.is_temporary = error == EAI_AGAIN || error == EAI_SYSTEM || error == EAI_MEMORY;
    return answer;
  }
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    const auto endpoint = endpoint_from(entry->ai_addr, entry->ai_addrlen);
    if (!endpoint || answer.addresses.size() >= Resolver::kMaxAddresses) continue;
    if (std::ranges::find(answer.addresses, endpoint->address) == answer.addresses.end())
      answer.addresses.push_back(endpoint->address);
  }
  if (answer.addresses.empty()) answer.error = "no usable address";
  return answer;
}

}  // namespace

std::optional<Address> parse_numeric(const std::string& text) {
  if (const auto address = Address::parse(text)) return address;
  const std::size_t percent = text.find('%');
  if (percent == std::string::npos) return std::nullopt;
  const auto address = Address::parse(text.substr(0, percent));
  const unsigned index = ::if_nametoindex(text.substr(percent + 1).c_str());
  if (!address || address->is_v4() || index == 0) return std::nullopt;
  return Address::v6(address->octets(), index);
}

/// Everything that the two threads share; nothing of it is touched without the mutex.
struct Resolver::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<NameQuery> queries;
  std::vector<NameAnswer> answers;
  std::function<void()> on_answer;
  bool is_closing = false;
  bool is_thread_done = false;
};

Resolver::Resolver(std::function<void()> on_answer) : shared_(std::make_shared<Shared>()) {
  shared_->on_answer = std::move(on_answer);
}

Resolver::~Resolver() {
  std::unique_lock lock(shared_->mutex);
  shared_->is_closing = true;
  shared_->on_answer = nullptr;
  shared_->queries.clear();
  shared_->changed.notify_all();
  if (!thread_.joinable()) return;
  const bool is_done = shared_->changed.wait_for(lock, std::chrono::duration<double>(kLongestGoodbye_s),
                                                 [this] { return shared_->is_thread_done; });
  lock.unlock();
  if (is_done)
    thread_.join();
  else
    thread_.detach();
}

bool Resolver::submit(NameQuery query) {
  if (const auto address = parse_numeric(query.name)) {
    NameAnswer answer{.token = query.token};
    if (is_of_wanted_family(*address, query.wanted))
      answer.addresses.push_back(*address);
    else
      answer.error = "an address of the other family";
    const std::lock_guard lock(shared_->mutex);
    if (shared_->answers.size() >= kMaxQueued) return false;
    shared_->answers.push_back(std::move(answer));
    shared_->on_answer();
    return true;
  }
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->queries.size() >= kMaxQueued) return false;
  }
  if (!thread_.joinable() && !start_thread()) return false;
  const std::lock_guard lock(shared_->mutex);
  shared_->queries.push_back(std::move(query));
  shared_->changed.notify_all();
  return true;
}

std::vector<NameAnswer> Resolver::take_answers() {
  const std::lock_guard lock(shared_->mutex);
  return std::exchange(shared_->answers, {});
}

bool Resolver::start_thread() {
  // Signals are the loop's: the new thread inherits a mask that blocks them all.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  bool has_started = true;
  try {
    thread_ = std::thread([shared = shared_] { run(shared); });
  } catch (const std::system_error&) {
    has_started = false;  // the query is refused, and its owner asks again later
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return has_started;
}

void Resolver::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->changed.wait(lock, [&] { return shared->is_closing || !shared->queries.empty(); });
    if (shared->is_closing) break;
    const NameQuery query = std::move(shared->queries.front());
    shared->queries.pop_front();
    lock.unlock();
    NameAnswer answer = look_up(query);
    lock.lock();
    if (shared->is_closing) break;
    shared->answers.push_back(std::move(answer));
    shared->on_answer();
  }
  shared->is_thread_done = true;
  shared->changed.notify_all();
}

}  // namespace ntp::net
