// SPDX-License-Identifier: BSD-2-Clause
#include "policy/policy_board.h"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::policy {
namespace {

/// A policy whose parts all follow from one number, so that a mixture of two, or a freed one, can be told. What `keys` owns goes
/// when the policy is freed.
Policy policy_of(int n) {
  return {.access = {},
          .limits = {.average_log2s = n, .minimum_s = ~n},
          .keys = std::shared_ptr<const KeyRing>(std::make_shared<int>(n), nullptr)};
}
bool is_whole(const Policy& policy) {
  return policy.limits.minimum_s == ~policy.limits.average_log2s && policy.keys.use_count() == 1;
}

TEST(PolicyBoard, ReaderSeesTheFirstPolicyAndThenTheLatest) {
  PolicyBoard board(policy_of(1));
  const PolicyBoard::Reader reader(board);

  EXPECT_EQ(reader.hold()->limits.average_log2s, 1);
  board.publish(policy_of(2));

  EXPECT_EQ(reader.hold()->limits.average_log2s, 2);
}

TEST(PolicyBoard, WhatNobodyHoldsIsFreedAtOnce) {
  Policy first = policy_of(1);
  const std::weak_ptr<const KeyRing> trace = first.keys;
  PolicyBoard board(std::move(first));

  board.publish(policy_of(2));

  EXPECT_TRUE(trace.expired());
  EXPECT_EQ(board.collect(), 0U);
}

TEST(PolicyBoard, WhatIsHeldStaysUntilItIsLetGo) {
  Policy first = policy_of(1);
  const std::weak_ptr<const KeyRing> trace = first.keys;
  PolicyBoard board(std::move(first));
  const PolicyBoard::Reader reader(board);

  {
    const auto hold = reader.hold();
    board.publish(policy_of(2));
    board.publish(policy_of(3));

    EXPECT_FALSE(trace.expired());
    EXPECT_EQ(board.collect(), 1U) << "the second one was never held";
    EXPECT_EQ(hold->limits.average_log2s, 1);
  }

  EXPECT_EQ(board.collect(), 0U);
  EXPECT_TRUE(trace.expired());
}

TEST(PolicyBoard, LastPolicyGoesWithTheBoard) {
  Policy only = policy_of(1);
  const std::weak_ptr<const KeyRing> trace = only.keys;

  {
    const PolicyBoard board(std::move(only));
  }

  EXPECT_TRUE(trace.expired());
}

TEST(PolicyBoard, PlacesAreUsedAgain) {
  const PolicyBoard board(policy_of(7));

  for (std::size_t i = 0; i < 3 * PolicyBoard::kMostReaders; ++i) {
    const PolicyBoard::Reader reader(board);
    ASSERT_EQ(reader.hold()->limits.average_log2s, 7);
  }
}

/// Any order of publishing, holding and letting go: a policy lives exactly as long as it is in force or held.
RC_GTEST_PROP(PolicyBoard, LivesExactlyAsLongAsItIsInForceOrHeld, ()) {
  constexpr std::size_t kReaders = 4;
  Policy first = policy_of(0);
  std::vector<std::weak_ptr<const KeyRing>> traces{first.keys};
  PolicyBoard board(std::move(first));
  std::vector<std::unique_ptr<PolicyBoard::Reader>> readers;
  for (std::size_t i = 0; i < kReaders; ++i) readers.push_back(std::make_unique<PolicyBoard::Reader>(board));
  struct Held {
    std::size_t policy;
    std::unique_ptr<const PolicyBoard::Hold> hold;
  };
  std::map<std::size_t, Held> held;

  for (const std::size_t step :
       *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 3 * kReaders))) {
    const std::size_t who = step % kReaders;
    if (step < kReaders) {
      if (!held.contains(who))
        held.emplace(who, Held{traces.size() - 1, std::unique_ptr<const PolicyBoard::Hold>(
                                                      new PolicyBoard::Hold(readers.at(who)->hold()))});
    } else if (step < 2 * kReaders) {
      held.erase(who);
    } else {
      Policy next = policy_of(static_cast<int>(traces.size()));
      traces.emplace_back(next.keys);
      board.publish(std::move(next));
    }
    board.collect();

    for (std::size_t i = 0; i < traces.size(); ++i) {
      const bool is_wanted = i + 1 == traces.size() || std::any_of(held.begin(), held.end(), [&](const auto& entry) {
                               return entry.second.policy == i;
                             });
      RC_ASSERT(traces[i].expired() == !is_wanted);
    }
    for (const auto& [reader, entry] : held)
      RC_ASSERT((*entry.hold)->limits.average_log2s == static_cast<int>(entry.policy));
  }
}

TEST(PolicyBoard, ReadersNeverSeeAFreedPolicyWhileOthersArePublished) {
  constexpr int kReaders = 2;
  constexpr int kPublications = 2000;
  constexpr int kReads = 50'000;
  PolicyBoard board(policy_of(0));
  std::atomic<int> at_work{0};
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> broken{0};
  std::atomic<std::uint64_t> went_back{0};

  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i)
    readers.emplace_back([&] {
      const PolicyBoard::Reader reader(board);
      int seen = 0;
      // Until the last publication, however the machine shares its time out.
      for (int n = 0; n < kReads || !is_over.load(); ++n) {
        const auto hold = reader.hold();
        if (!is_whole(*hold)) ++broken;
        if (hold->limits.average_log2s < seen) ++went_back;
        seen = hold->limits.average_log2s;
        if (n == 0) ++at_work;
      }
    });
  while (at_work.load() < kReaders) std::this_thread::yield();
  std::size_t most_kept = 0;
  for (int published = 1; published <= kPublications; ++published) {
    board.publish(policy_of(published));
    most_kept = std::max(most_kept, board.collect());
  }
  is_over.store(true);
  for (std::thread& reader : readers) reader.join();

  EXPECT_EQ(broken.load(), 0U);
  EXPECT_EQ(went_back.load(), 0U);
  EXPECT_LE(most_kept, static_cast<std::size_t>(kReaders)) << "at most one old policy a reader";
  EXPECT_EQ(board.collect(), 0U);
}

}  // namespace
}  // namespace ntp::policy
