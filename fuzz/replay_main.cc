// SPDX-License-Identifier: BSD-2-Clause
//
// Stands in for libFuzzer in test builds: feeds a fuzz target every file of its corpus, then deterministic mutations.
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

#include <fmt/core.h>

// The two functions that libFuzzer defines; the second one is the target's choice.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);
extern "C" [[gnu::weak]] int LLVMFuzzerInitialize(int* argc, char*** argv);
// Of the sanitizers' run-time library, where one is linked.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kLongestInput = 4096;
constexpr std::uint32_t kMostEdits = 4;
// Values at the edges of the fields that decoders read.
constexpr std::uint8_t kEdgeOctets[] = {0x00, 0x01, 0x03, 0x04, 0x10, 0x14, 0x18, 0x1c, 0x30, 0x7f, 0x80, 0xfe, 0xff};

/// splitmix64: the same sequence on every machine, so that a failure comes back in every run.
class Sequence {
 public:
  explicit Sequence(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  /// A number in [0, bound); bound > 0.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

std::vector<Bytes> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.is_regular_file()) paths.push_back(entry.path());
    }
  }
  // The order of a directory differs between file systems; the mutations must not.
  std::sort(paths.begin(), paths.end());

  std::vector<Bytes> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

enum class Edit : std::uint8_t { flip_bit, set_edge_octet, set_octet, truncate, insert, erase, repeat, splice, count };

std::ptrdiff_t at(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

/// Changes `bytes` in one place; `donor` is another input of the corpus. An empty input can only grow.
void edit(Bytes& bytes, const Bytes& donor, Sequence& random) {
  const auto choice =
      bytes.empty() ? Edit::insert : static_cast<Edit>(random.below(static_cast<std::size_t>(Edit::count)));
  const std::size_t position = bytes.empty() ? 0 : random.below(bytes.size());
  switch (choice) {
    case Edit::flip_bit:
      bytes[position] = static_cast<std::uint8_t>(bytes[position] ^ (1U << random.below(8)));
      return;
    case Edit::set_edge_octet:
      bytes[position] = kEdgeOctets[random.below(std::size(kEdgeOctets))];
      return;
    case Edit::set_octet:
      bytes[position] = static_cast<std::uint8_t>(random.below(256));
      return;
    case Edit::truncate:
      bytes.resize(position);
      return;
    case Edit::insert:
      bytes.insert(bytes.begin() + at(position), 1 + random.below(8), static_cast<std::uint8_t>(random.below(256)));
      return;
    case Edit::erase:
      bytes.erase(bytes.begin() + at(position),
                  bytes.begin() + at(std::min(bytes.size(), position + 1 + random.below(8))));
      return;
    case Edit::repeat: {
      const Bytes part(bytes.begin() + at(position), bytes.end());
      bytes.insert(bytes.end(), part.begin(), part.end());
      return;
    }
    case Edit::splice:
      bytes.resize(position);
      if (!donor.empty()) bytes.insert(bytes.end(), donor.begin() + at(random.below(donor.size())), donor.end());
      return;
    case Edit::count:
      return;
  }
}

// What the target is reading now, for the report of a crash.
const Bytes* current_input = nullptr;

/// Prints the input that the target died of, in hexadecimal; calls write(2) alone, as a signal handler must.
void report_input() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kTitle = "\nthe target died of this input (xxd -r -p makes a file of it):\n";
  if (current_input == nullptr) return;
  bool written = write(STDERR_FILENO, kTitle.data(), kTitle.size()) > 0;
  for (const std::uint8_t octet : *current_input) {
    const std::array<char, 2> pair = {kDigits[octet >> 4U], kDigits[octet & 0x0fU]};
    written = written && write(STDERR_FILENO, pair.data(), pair.size()) > 0;
  }
  if (written && write(STDERR_FILENO, "\n", 1) > 0) current_input = nullptr;
}

extern "C" void die_of(int signal_number) {
  report_input();
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void report_deaths() {
  for (const int number : {SIGABRT, SIGILL}) std::signal(number, die_of);
  // The faults of memory and arithmetic are the sanitizer's own where one is linked: it reports, then calls back.
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(report_input);
    return;
  }
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE}) std::signal(number, die_of);
}

void run(const Bytes& bytes) {
  // An exact copy on the heap: a read past its end is one that the address sanitizer sees.
  const Bytes exact(bytes.begin(), bytes.end());
  current_input = &exact;
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  current_input = nullptr;
}

int replay(const std::filesystem::path& folder, std::uint64_t mutations) {
  std::vector<Bytes> corpus = read_corpus(folder);
  const std::size_t files = corpus.size();
  for (const Bytes& input : corpus) run(input);
  run({});
  if (corpus.empty()) corpus.emplace_back();

  Sequence random(0x4d657269);
  for (std::uint64_t count = 0; count < mutations; ++count) {
    Bytes input = corpus[random.below(corpus.size())];
    const std::size_t edits = 1 + random.below(kMostEdits);
    for (std::size_t done = 0; done < edits; ++done) edit(input, corpus[random.below(corpus.size())], random);
    input.resize(std::min(input.size(), kLongestInput));
    run(input);
  }
  fmt::print("{} corpus files and {} mutations replayed\n", files, mutations);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  std::uint64_t mutations = 0;
  const std::string_view count = argc == 3 ? argv[2] : "";
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), mutations);
  if (argc != 3 || error != std::errc{} || end != count.data() + count.size()) {
    fmt::print(stderr, "usage: {} CORPUS_FOLDER MUTATIONS\n", argv[0]);
    return 2;
  }
  report_deaths();
  try {
    return replay(argv[1], mutations);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}: {}\n", argv[1], failure.what());
    return 1;
  }
}
