// SPDX-License-Identifier: BSD-2-Clause
#include "sim/world.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "sim/noise.h"

namespace ntp::sim {
namespace {

constexpr std::uint32_t kFirstAddress = 0x0a000001;  // 10.0.0.1
constexpr std::uint64_t kLinkStreams = 3;

std::uint64_t link_key(NodeId from, NodeId to) { return (std::uint64_t{from} << 32U) | to; }

}  // namespace

std::string Violation::message() const { return fmt::format("seed {} at {}: {}", seed, time_text(at), text); }

Address Node::address() const { return Address::v4(kFirstAddress + id_); }

void World::adopt(std::unique_ptr<Node> node) {
  node->id_ = static_cast<NodeId>(nodes_.size());
  node->world_ = this;
  nodes_.push_back(std::move(node));
}

void World::connect(NodeId from, NodeId to, const LinkSettings& settings) {
  const std::uint64_t key = link_key(from, to);
  links_.erase(key);
  links_.try_emplace(key, settings, stream_seed(seed_, kLinkStreams, key));
}

Link* World::link(NodeId from, NodeId to) {
  const auto found = links_.find(link_key(from, to));
  return found == links_.end() ? nullptr : &found->second;
}

std::optional<NodeId> World::owner(const Address& address) const {
  if (!address.is_v4()) return std::nullopt;
  const std::uint32_t index = address.v4_host_order() - kFirstAddress;
  if (index >= nodes_.size()) return std::nullopt;
  return index;
}

void World::push(Event event) {
  event.sequence = sequence_++;
  queue_.push_back(event);
  std::push_heap(queue_.begin(), queue_.end(), Later{});
}

void World::set_alarm(TrueTime at, NodeId node, Alarm alarm, std::uint64_t argument) {
  push({.at = std::max(at, now_), .argument = argument, .node = node, .kind = Kind::alarm, .alarm = alarm});
}

void World::at(TrueTime when, std::function<void()> action) {
  actions_.push_back(std::move(action));
  push({.at = std::max(when, now_), .argument = actions_.size() - 1, .kind = Kind::action});
}

void World::send(const Packet& packet, double after_s) {
  const auto from = owner(packet.from.address);
  const auto to = owner(packet.to.address);
  if (!from || !to) return;
  Link* const path = link(*from, *to);
  if (path == nullptr) return;

  const Transit transit = path->transit(now_ + after_s, packet.length);
  for (std::size_t i = 0; i < transit.copies; ++i) {
    std::size_t slot = packets_.size();
    if (free_packets_.empty()) {
      packets_.push_back(packet);
    } else {
      slot = free_packets_.back();
      free_packets_.pop_back();
      packets_[slot] = packet;
    }
    if (transit.flipped_bit >= 0) {
      const auto bit = static_cast<std::size_t>(transit.flipped_bit);
      packets_[slot].octets[bit / 8] ^= std::byte{1} << (bit % 8);
      packets_[slot].journey.reset();
    }
    push({.at = transit.arrivals[i], .argument = slot, .node = *to, .kind = Kind::packet});
  }
}

void World::start() {
  for (std::size_t i = 0; i < nodes_.size() && !violation_; ++i) nodes_[i]->start();
}

bool World::run_until(TrueTime end) {
  while (!violation_ && !queue_.empty() && queue_.front().at <= end) {
    std::pop_heap(queue_.begin(), queue_.end(), Later{});
    const Event event = queue_.back();
    queue_.pop_back();
    NTP_ASSERT(event.at >= now_);
    now_ = event.at;
    dispatch(event);
  }
  if (!violation_) now_ = std::max(now_, end);
  return !violation_;
}

void World::dispatch(const Event& event) {
  switch (event.kind) {
    case Kind::packet: {
      // A copy: the receiver sends, and the slot may be needed for that.
      const Packet packet = packets_[event.argument];
      free_packets_.push_back(event.argument);
      nodes_[event.node]->on_packet(packet);
      return;
    }
    case Kind::alarm:
      nodes_[event.node]->on_alarm(event.alarm, event.argument);
      return;
    case Kind::action: {
      const auto action = std::exchange(actions_[event.argument], nullptr);
      action();
      return;
    }
  }
}

void World::fail(std::string text) {
  if (violation_) return;
  violation_ = Violation{.seed = seed_, .at = now_, .text = std::move(text)};
}

}  // namespace ntp::sim
