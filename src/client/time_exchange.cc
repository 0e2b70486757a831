// SPDX-License-Identifier: BSD-2-Clause
#include "client/time_exchange.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "net/poll_loop.h"
#include "net/system_random.h"
#include "net/udp_socket.h"

namespace ntp::client {
namespace {

/// What all askers of one run share.
struct Shared {
  const TimeQuestions* questions = nullptr;
  net::SystemRandom random;
  crypto::MacWorkspace macs;
  net::ReceiveBuffers buffers{1};
  bool is_stopped = false;
};

/// One server: its socket, and where it stands.
class Asker {
 public:
  Asker(Shared& shared, const TimeServer& server, MonoTime first) : shared_(shared), next_(first) {
    outcome_.server = server;
  }

  /// Nothing, or what the system refused. A server that can't be reached is an outcome.
  std::expected<void, std::string> open() {
    auto opened = net::UdpSocket::open_client({.remote = outcome_.server.endpoint,
                                               .local = shared_.questions->local,
                                               .local_port = shared_.questions->local_port});
    if (opened) {
      socket_.emplace(std::move(*opened));
      return {};
    }
    const int os_error = opened.error().os_error;
    if (os_error == EMFILE || os_error == ENFILE || os_error == EADDRINUSE || os_error == EACCES ||
        os_error == EADDRNOTAVAIL)
      return std::unexpected(fmt::format("a socket for {}: {}", outcome_.server.name, opened.error().text()));
    finish(TimeFault::unreachable);
    return {};
  }

  [[nodiscard]] int fd() const { return socket_ ? socket_->fd() : -1; }
  [[nodiscard]] bool is_done() const { return next_ == MonoTime::never(); }
  [[nodiscard]] MonoTime deadline() const { return next_; }
  [[nodiscard]] TimeOutcome take() { return std::move(outcome_); }

  void on_deadline(MonoTime now) {
    if (now < next_) return;
    if (is_waiting_) conclude({.fault = TimeFault::timeout}, now);
    if (!is_done() && now >= next_) send(now);
  }

  void on_ready(net::Ready ready, MonoTime now) {
    if (ready.error_queue) read_stamps();
    if (!ready.readable) return;
    const auto received = socket_->receive(shared_.buffers);
    if (!received) {
      const bool is_refused = received.error().os_error == ECONNREFUSED;
      if (is_waiting_) finish(is_refused ? TimeFault::refused : TimeFault::unreachable);
      return;
    }
    for (const net::Datagram& datagram : *received) hear(datagram, now);
  }

 private:
  void send(MonoTime now) {
    request_ = {.cookie = fresh_cookie(), .version = shared_.questions->version, .key = shared_.questions->key};
    const auto octets = encode(request_, shared_.macs);
    NTP_ASSERT(octets.has_value());  // a key that could be made can be used
    ++requests_;
    passed_over_ = 0;
    const auto sent = socket_->send({.remote = outcome_.server.endpoint, .payload = *octets});
    if (!sent) return finish(sent.error().os_error == ECONNREFUSED ? TimeFault::refused : TimeFault::unreachable);
    tell(TimeEvent::transmit);
    sent_id_ = sent->id;
    stamps_ = {.t1 = sent->at, .t1_error_s = sent->error_s};
    is_waiting_ = true;
    sent_at_ = now;
    next_ = now + shared_.questions->timeout_s;
  }

  Timestamp fresh_cookie() {
    Timestamp cookie;
    // Zero means "unknown" on the wire and never matches an origin.
    do cookie = Timestamp::from_bits(shared_.random.next64());
    while (cookie.is_unknown());
    return cookie;
  }

  void read_stamps() {
    std::array<net::TransmitStamp, 4> found;
    const std::size_t count = socket_->read_transmit_stamps(found);
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_waiting_ || found[i].id != sent_id_) continue;
      stamps_.t1 = found[i].at;
      stamps_.t1_error_s = found[i].error_s;
    }
  }

  void hear(const net::Datagram& datagram, MonoTime now) {
    if (!is_waiting_ || datagram.is_truncated) return;
    stamps_.t4 = datagram.at;
    stamps_.t4_error_s = datagram.error_s;
    const TimeAnswer answer = judge_time_reply(request_, datagram.payload, stamps_, shared_.macs);
    if (!answer.fault || !is_passed_over(*answer.fault)) {
      tell(TimeEvent::receive);
      return conclude(answer, now);
    }
    // What fails late tells more than what fails early.
    if (!outcome_.passed_over || *outcome_.passed_over < *answer.fault) outcome_.passed_over = answer.fault;
    if (++passed_over_ >= kMaxPassedOver) conclude({.fault = TimeFault::timeout}, now);
  }

  /// The request is answered, or given up.
  void conclude(const TimeAnswer& answer, MonoTime now) {
    is_waiting_ = false;
    outcome_.answers.push_back(answer);
    const auto& on_answer = shared_.questions->on_answer;
    if (on_answer && on_answer(outcome_.server, answer)) shared_.is_stopped = true;
    const bool wants_no_more = answer.fault == TimeFault::kiss || answer.fault == TimeFault::crypto_nak;
    const bool is_last = wants_no_more || requests_ >= shared_.questions->samples;
    next_ = is_last ? MonoTime::never() : std::max(now, sent_at_ + shared_.questions->spacing_s);
  }

  void finish(TimeFault fault) {
    requests_ = shared_.questions->samples;
    conclude({.fault = fault}, next_);
    next_ = MonoTime::never();
  }

  void tell(TimeEvent event) const {
    if (shared_.questions->on_event) shared_.questions->on_event(event, outcome_.server);
  }

  Shared& shared_;
  TimeOutcome outcome_;
  std::optional<net::UdpSocket> socket_;
  TimeRequest request_;
  LocalStamps stamps_;
  MonoTime next_;  ///< when to send, or to stop waiting; never: done
  MonoTime sent_at_;
  int requests_ = 0;
  std::size_t passed_over_ = 0;
  std::uint32_t sent_id_ = 0;
  bool is_waiting_ = false;
};

using Askers = std::vector<std::unique_ptr<Asker>>;

/// Runs until every asker is done, or one answer was enough.
std::expected<void, std::string> run(Askers& askers, Shared& shared) {
  net::PollLoop loop({});
  loop.set_hooks({.next_deadline =
                      [&] {
                        MonoTime next = MonoTime::never();
                        for (const auto& one : askers) next = std::min(next, one->deadline());
                        return next;
                      },
                  .on_deadline =
                      [&](MonoTime now) {
                        for (const auto& one : askers)
                          if (!shared.is_stopped) one->on_deadline(now);
                      },
                  .on_wake = {},
                  .on_signal = {}});
  for (const auto& one : askers) {
    Asker* const asker = one.get();
    if (asker->fd() < 0) continue;
    loop.add(asker->fd(), [&, asker](net::Ready ready) {
      if (!shared.is_stopped) asker->on_ready(ready, net::monotonic_now());
      // Whoever goes on talking to a socket that is done must not keep the loop busy.
      if (asker->is_done()) loop.remove(asker->fd());
    });
  }
  while (!shared.is_stopped && !std::ranges::all_of(askers, &Asker::is_done))
    if (const auto done = loop.run_once(); !done) return std::unexpected(done.error().text());
  for (const auto& one : askers)
    if (one->fd() >= 0) loop.remove(one->fd());
  return {};
}

}  // namespace

const TimeAnswer* TimeOutcome::best() const {
  const TimeAnswer* best = nullptr;
  for (const TimeAnswer& one : answers)
    if (!one.fault && (best == nullptr || one.sample->delay_s < best->sample->delay_s)) best = &one;
  return best;
}

std::string TimeOutcome::failure_text() const {
  if (answers.empty()) return "not asked";
  // An answer that says something tells more than silence.
  const auto telling = std::find_if(answers.rbegin(), answers.rend(), [](const TimeAnswer& one) {
    return one.fault && *one.fault != TimeFault::timeout;
  });
  if (telling != answers.rend()) return to_text(*telling);
  if (!passed_over) return to_text(TimeAnswer{.fault = TimeFault::timeout});
  return fmt::format("{}: {}", to_text(TimeAnswer{.fault = TimeFault::timeout}),
                     to_text(TimeAnswer{.fault = passed_over}));
}

std::expected<std::vector<TimeOutcome>, std::string> ask_time(const std::vector<TimeServer>& servers,
                                                              const TimeQuestions& questions) {
  if (servers.size() > kMaxTimeServers)
    return std::unexpected(fmt::format("{} servers are more than {}", servers.size(), kMaxTimeServers));
  Shared shared{.questions = &questions};
  Askers askers;
  const MonoTime start = net::monotonic_now();
  for (const TimeServer& server : servers) {
    const double after_s = questions.start_spacing_s * static_cast<double>(askers.size());
    askers.push_back(std::make_unique<Asker>(shared, server, start + after_s));
    if (const auto opened = askers.back()->open(); !opened) return std::unexpected(opened.error());
  }
  if (const auto done = run(askers, shared); !done) return std::unexpected(done.error());
  std::vector<TimeOutcome> outcomes;
  outcomes.reserve(askers.size());
  for (const auto& one : askers) outcomes.push_back(one->take());
  return outcomes;
}

}  // namespace ntp::client
