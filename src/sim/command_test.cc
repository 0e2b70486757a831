// SPDX-License-Identifier: BSD-2-Clause
#include "sim/command.h"

#include <gtest/gtest.h>

namespace ntp::sim {
namespace {

struct Output {
  std::string out;
  std::string error;
  int status = 0;
};

Output command(const std::vector<std::string>& words) {
  Output output;
  output.status = run_command(words, {.out = [&](std::string_view text) { output.out += text; },
                                      .error = [&](std::string_view text) { output.error += text; }});
  return output;
}

TEST(Command, ReadsOptionsAndFiles) {
  const auto parsed =
      parse_command({"--seed", "7", "--trace", "t.txt", "--check", "--discipline", "classic", "a.toml", "b.toml"});

  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->seed, 7U);
  EXPECT_EQ(parsed->trace_file, "t.txt");
  EXPECT_TRUE(parsed->is_short);
  EXPECT_EQ(parsed->discipline, engine::DisciplineSettings::Algorithm::classic);
  EXPECT_EQ(parsed->scenarios, (std::vector<std::string>{"a.toml", "b.toml"}));
}

TEST(Command, SaysWhatIsWrongWithItsWords) {
  EXPECT_EQ(parse_command({"--seed", "x", "a.toml"}).error(), "--seed: expected a whole number, got \"x\"");
  EXPECT_EQ(parse_command({"--seeds", "0", "a.toml"}).error(), "--seeds: expected 1 to 100000");
  EXPECT_EQ(parse_command({"--seed", "1", "--seeds", "2", "a.toml"}).error(),
            "--seed and --seeds: expected one of them");
  EXPECT_EQ(parse_command({"a.toml", "--trace"}).error(), "--trace: expected an argument");
  EXPECT_EQ(parse_command({"--discipline", "best", "a.toml"}).error(),
            "--discipline: expected classic or estimator, got \"best\"");
  EXPECT_EQ(parse_command({"--fast"}).error(), "--fast: unknown option; ntpsim --help lists them");
  EXPECT_EQ(parse_command({}).error(), "expected a scenario file; ntpsim --help shows an example");
}

TEST(Command, HelpTeachesWithAnExample) {
  const Output output = command({"--help"});

  EXPECT_EQ(output.status, 0);
  EXPECT_NE(output.out.find("Example."), std::string::npos);
}

TEST(Command, AMissingFileIsNamed) {
  const Output output = command({"/nonexistent/x.toml"});

  EXPECT_EQ(output.status, 2);
  EXPECT_EQ(output.error, "/nonexistent/x.toml: cannot be opened\n");
}

}  // namespace
}  // namespace ntp::sim
