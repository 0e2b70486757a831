// SPDX-License-Identifier: BSD-2-Clause
//
// What the clock estimator costs. Targets: 5 us a sample in the bank of its source, 50 us for an update of the joint bank of
// ten sources, 2 % of a core for 1,000 associations asked every 64 s.
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "estimator/clock_bank.h"
#include "estimator/ensemble.h"

namespace {

using namespace ntp;
using namespace ntp::estimator;

constexpr double kPoll_s = 64;
constexpr std::size_t kCandidates = 10;
constexpr std::size_t kAssociations = 1000;

/// Exchanges over paths of 20 ms with exponential queues of 0.5 ms each way, by a clock that is 20 ppm off.
class Exchanges {
 public:
  Exchanges() {
    SeededRandom random(1);
    for (double& wait_s : waits_s_) wait_s = -5e-4 * std::log(random.uniform() + 0x1p-54);
  }
  Measurement next(double after_s) {
    now_s_ += after_s;
    const double out_s = wait_s();
    const double in_s = wait_s();
    return {RawTime::from_nanoseconds(0) + now_s_, 2e-5 * now_s_ + (out_s - in_s) / 2, 0.02 + out_s + in_s, 1e-7};
  }

 private:
  double wait_s() { return waits_s_[next_++ % waits_s_.size()]; }

  std::array<double, 4099> waits_s_{};
  std::size_t next_ = 0;
  double now_s_ = 0;
};

ExchangeNoise noise_of(const Measurement& m) {
  return {.excess_s = m.delay_s - 0.02 + 1e-5,
          .base_variance = 1e-10,
          .up = {5e-4, 5e-3, 0.02},
          .down = {5e-4, 5e-3, 0.02},
          .outlier_deviation_s = 5e-3};
}

/// All that one exchange costs its source: noise, bank, watch, poll, court.
void sample(benchmark::State& state) {
  Exchanges exchanges;
  Ensemble ensemble;
  ensemble.add_source(1);
  for (int i = 0; i < 300; ++i) ensemble.measured(1, exchanges.next(kPoll_s));
  for (auto _ : state) benchmark::DoNotOptimize(ensemble.measured(1, exchanges.next(kPoll_s)));
}

/// Of it, the bank.
void bank_sample(benchmark::State& state) {
  Exchanges exchanges;
  ClockBank bank(1);
  bank.reset_path(0, 1e-3);
  for (auto _ : state) {
    const Measurement m = exchanges.next(kPoll_s);
    QueueShares shares;
    bank.advance(kPoll_s);
    bank.observe(0, m.offset_s, noise_of(m), &shares);
    benchmark::DoNotOptimize(shares);
  }
}

void joint_update_of_ten_sources(benchmark::State& state) {
  Exchanges exchanges;
  ClockBank bank(kCandidates);
  for (std::size_t path = 0; path < kCandidates; ++path) bank.reset_path(path, 1e-3);
  std::size_t path = 0;
  for (auto _ : state) {
    const Measurement m = exchanges.next(kPoll_s / kCandidates);
    bank.advance(kPoll_s / kCandidates);
    bank.observe(path, m.offset_s, noise_of(m));
    path = (path + 1) % kCandidates;
  }
  benchmark::DoNotOptimize(bank.estimate(0));
}

/// One iteration is 64 s: an exchange with each source, of which ten are accepted.
void thousand_associations(benchmark::State& state) {
  Exchanges exchanges;
  Ensemble ensemble;
  for (SourceId id = 1; id <= kAssociations; ++id) ensemble.add_source(id);
  std::array<SourceId, kCandidates> accepted{};
  std::iota(accepted.begin(), accepted.end(), SourceId{1});
  const auto round = [&] {
    for (SourceId id = 1; id <= kAssociations; ++id) {
      ensemble.measured(id, exchanges.next(kPoll_s / kAssociations));
      ensemble.use(accepted);
    }
  };
  for (int i = 0; i < 10; ++i) round();
  for (auto _ : state) round();
  state.counters["percent_of_core"] = benchmark::Counter(static_cast<double>(state.iterations()) * kPoll_s / 100,
                                                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK(sample);
BENCHMARK(bank_sample);
BENCHMARK(joint_update_of_ten_sources);
BENCHMARK(thousand_associations)->Unit(benchmark::kMillisecond);

}  // namespace
