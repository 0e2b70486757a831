// SPDX-License-Identifier: BSD-2-Clause
//
// What a long ntp.conf costs at start and at a reload: parsed, and its access list built. Target: 100,000 restrict lines
// in less than a second.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "config/parser.h"
#include "config/print.h"
#include "daemon/policy_of.h"

namespace {

using namespace ntp;

/// As many networks and hosts of both families, with the flags that such lists carry.
std::string restrict_lines(std::int64_t count) {
  std::string text = "restrict default limited kod nomodify notrap nopeer noquery\nrestrict 127.0.0.1\nrestrict ::1\n";
  for (std::int64_t i = 0; i < count; ++i) {
    const auto n = static_cast<std::uint32_t>(i);
    const std::uint32_t a = n >> 16U;
    const std::uint32_t b = (n >> 8U) & 0xffU;
    const std::uint32_t c = n & 0xffU;
    if (i % 4 == 0) text += fmt::format("restrict 10.{}.{}.{} ignore\n", a, b, c);
    if (i % 4 == 1) text += fmt::format("restrict {}.{}.{}.0 mask 255.255.255.0 noquery nomodify\n", 11 + a, b, c);
    if (i % 4 == 2) text += fmt::format("restrict 192.{}.{}.{}/30 nopeer limited\n", a, b, c & 0xfcU);
    if (i % 4 == 3) text += fmt::format("restrict 2001:db8:{:x}:{:x}::/64 noserve\n", n >> 16U, n & 0xffffU);
  }
  return text;
}

void expect(bool holds, const char* what) {
  if (holds) return;
  fmt::print(stderr, "config_bench: {}\n", what);
  std::exit(EXIT_FAILURE);
}

void parse_and_build(benchmark::State& state) {
  const std::string text = restrict_lines(state.range(0));
  for (auto _ : state) {
    const config::ParseResult parsed = config::parse(text, "ntp.conf", nullptr);
    expect(parsed.messages.empty(), "the configuration is not clean");
    const policy::Policy policy = daemon::policy_of({.config = parsed.config});
    benchmark::DoNotOptimize(policy.access.match({.address = Address::v4(0xc6336402), .port = 123}));
  }
}
BENCHMARK(parse_and_build)->Name("restrict_lines")->Arg(100'000)->Unit(benchmark::kMillisecond);

void parse_alone(benchmark::State& state) {
  const std::string text = restrict_lines(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(config::parse(text, "ntp.conf", nullptr));
}
BENCHMARK(parse_alone)->Name("restrict_lines_parsed")->Arg(100'000)->Unit(benchmark::kMillisecond);

void print_alone(benchmark::State& state) {
  const config::Config config = config::parse(restrict_lines(state.range(0)), "ntp.conf", nullptr).config;
  for (auto _ : state) benchmark::DoNotOptimize(config::print(config));
}
BENCHMARK(print_alone)->Name("restrict_lines_printed")->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
