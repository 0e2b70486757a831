#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# Shows that each rule of tidy.py fires, on a small bad tree of its own, and is silent where it should be.
"""One bad tree a rule."""

import tempfile
import unittest
from pathlib import Path

import cpp_text
import tidy

SPDX = "// SPDX-License-Identifier: BSD-2-Clause\n"
DEPS = """[floor 0]
base:
[floor 3]
policy: base
[floor 4]  # pure
engine: base policy
[floor 5]
net: base
sim: base engine
[floor 6]
daemon: base engine net
tools/ntpsim: base sim
"""


def lines_of_code(count):
    return "  step();\n" * count


class TidyTest(unittest.TestCase):
    def breaches(self, files):
        """What tidy finds in a tree of these files, as "path:line: what"."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {"tests/tidy/deps.txt": DEPS, **files}.items():
                file = Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text if isinstance(text, bytes) else text.encode())
            return [f"{found.path}:{found.line}: {found.what}" for found in tidy.check_tree(folder)]

    def source(self, path, text):
        return self.breaches({path: SPDX + text})

    def test_good_tree_is_silent(self):
        self.assertEqual(
            self.breaches(
                {
                    "src/base/time.h": SPDX + "#pragma once\n#include <cstdint>\n// now() and rand() in a comment\n",
                    "src/engine/x.cc": SPDX + '#include "engine/x.h"\n#include "base/time.h"\n#include <fmt/core.h>\n'
                    'const char* text = "time(nullptr)";\n',
                    "src/engine/x_test.cc": SPDX + '#include "engine/x.h"\n#include <chrono>\n#include <unistd.h>\n',
                    "src/net/x.cc": SPDX + '#include "base/time.h"\n#include <sys/socket.h>\nlong t = time(nullptr);\n',
                    "src/tools/ntpsim/main.cc": SPDX + '#include "sim/world.h"\n',
                    "README.md": "Free of licence lines.\n",
                    "fuzz/corpus/x/seed": b"\x00TO" b"DO",
                }
            ),
            [],
        )

    def test_include_edge_that_is_not_listed(self):
        self.assertEqual(
            self.source("src/engine/x.cc", '#include "base/a.h"\n#include "net/b.h"\n'),
            ["src/engine/x.cc:3: engine includes net"],
        )

    def test_include_edge_in_a_unit_test(self):
        self.assertEqual(
            self.source("src/engine/x_test.cc", '#include "sim/world.h"\n'),
            ["src/engine/x_test.cc:2: engine includes sim"],
        )

    def test_include_without_its_folder(self):
        self.assertEqual(
            self.source("src/engine/x.cc", '#include "x.h"\n'),
            ['src/engine/x.cc:2: "x.h" names no folder of src/'],
        )

    def test_folder_that_is_not_declared(self):
        self.assertEqual(
            self.source("src/misc/x.cc", ""), ["src/misc/x.cc:1: folder is not in tests/tidy/deps.txt"]
        )

    def test_declared_edge_that_points_up(self):
        self.assertEqual(
            self.breaches({"tests/tidy/deps.txt": "[floor 0]\nbase: wire\n[floor 1]\nwire: base\n"}),
            ["tests/tidy/deps.txt:2: base may not include wire"],
        )

    def test_declared_edge_to_an_unknown_folder(self):
        self.assertEqual(
            self.breaches({"tests/tidy/deps.txt": "[floor 0]\nbase: wire\n"}),
            ["tests/tidy/deps.txt:2: unknown folder 'wire'"],
        )

    def test_line_of_deps_that_cannot_be_read(self):
        found = self.breaches({"tests/tidy/deps.txt": "[floor 0]\nbase wire\n"})
        self.assertEqual(found, ["tests/tidy/deps.txt:2: 'base wire' is neither '[floor N]' nor 'folder: folders'"])

    def test_os_headers_in_pure_floors(self):
        for header in (
            "sys/socket.h unistd.h netinet/in.h arpa/inet.h net/if.h linux/errqueue.h poll.h signal.h time.h pthread.h "
            "ctime thread mutex fstream iostream filesystem chrono random condition_variable"
        ).split():
            with self.subTest(header):
                self.assertEqual(
                    self.source("src/engine/x.h", f"#pragma once\n#include <{header}>\n"),
                    [f"src/engine/x.h:3: <{header}> in engine"],
                )

    def test_atomic_outside_policy_and_state(self):
        self.assertEqual(self.source("src/policy/x.cc", "#include <atomic>\n"), [])
        self.assertEqual(self.source("src/engine/x.cc", "#include <atomic>\n"), ["src/engine/x.cc:2: <atomic> in engine"])

    def test_simulator_with_a_real_clock(self):
        self.assertEqual(self.source("src/sim/x.cc", "#include <fstream>\nauto t = world.now();\n"), [])
        self.assertEqual(self.source("src/sim/x.cc", "#include <chrono>\n"), ["src/sim/x.cc:2: <chrono> in sim"])
        self.assertEqual(
            self.source("src/sim/x_test.cc", "auto t = std::chrono::steady_clock::now();\n"),
            ["src/sim/x_test.cc:2: steady_clock::now in sim"],
        )

    def test_clock_reads_in_pure_floors(self):
        for call, what in {
            "now()": "now()",
            "clock.now()": "now()",
            "rand()": "rand",
            "time(nullptr)": "time(nullptr)",
            "::time(&seconds)": "time(&seconds)",
            "clock_gettime(CLOCK_REALTIME, &t)": "clock_gettime",
            "getrandom(p, n, 0)": "getrandom",
        }.items():
            with self.subTest(call):
                self.assertEqual(
                    self.source("src/engine/x_test.cc", f"auto x = {call};\n"), [f"src/engine/x_test.cc:2: {what} in engine"]
                )

    def test_time_as_an_argument_is_no_clock_read(self):
        self.assertEqual(self.source("src/engine/x.cc", "void f(const Now& now) { use(now, time(now), operand(1)); }\n"), [])

    def test_cve_2016_1550_digest_compared_in_a_time_that_tells(self):
        for comparison in (
            "std::memcmp(a, b, 16)",
            "bcmp(a, b, 16)",
            "digest == expected",
            "expected != mac.digest",
            "std::ranges::equal(digest, expected)",
        ):
            with self.subTest(comparison):
                self.assertEqual(len(self.source("src/engine/x.cc", f"bool x = {comparison};\n")), 1)
        for comparison in ("CRYPTO_memcmp(a, b, 16) == 0", "digest.size() == length", "digest_length == 20", "a == b"):
            with self.subTest(comparison):
                self.assertEqual(self.source("src/engine/x.cc", f"bool x = {comparison};\n"), [])

    def test_file_over_600_lines(self):
        self.assertEqual(self.source("src/base/x.cc", "\n" * 599), [])
        self.assertEqual(self.source("src/base/x.cc", "\n" * 600), ["src/base/x.cc:601: 601 lines"])

    def test_function_over_100_lines(self):
        self.assertEqual(self.source("bench/x_bench.cc", "void f() {\n" + lines_of_code(98) + "}\n"), [])
        self.assertEqual(
            self.source("bench/x_bench.cc", "\nvoid f() {\n" + lines_of_code(99) + "}\n"),
            ["bench/x_bench.cc:3: f has 101 lines"],
        )

    def test_licence_line(self):
        for path in ("src/base/x.cc", "tests/x.py", "cmake/X.cmake", "bench/CMakeLists.txt", "dev", ".ci/run"):
            with self.subTest(path):
                self.assertEqual(
                    self.breaches({path: "\n"}),
                    [f"{path}:1: no 'SPDX-License-Identifier: BSD-2-Clause' in the first two lines"],
                )

    def test_pragma_once(self):
        self.assertEqual(self.source("src/base/x.h", "int f();\n"), ["src/base/x.h:1: no '#pragma once'"])

    def test_left_over_words(self):
        for word in ("TO" "DO", "FIX" "ME", "X" "XX"):
            with self.subTest(word):
                self.assertEqual(self.breaches({"docs/x.md": f"ok\n- {word}: more\n"}), [f"docs/x.md:2: '{word}'"])
        self.assertEqual(self.breaches({"docs/x.md": "mktemp /tmp/x.XXXXXX, TODOS\n"}), [])


class FunctionsTest(unittest.TestCase):
    def found(self, text):
        return [(found.name, found.line, found.lines) for found in cpp_text.functions(text)]

    def test_free_functions_members_and_tests(self):
        text = (
            "namespace ntp {\n"
            "class Engine final : public Base {\n public:\n  Engine() = default;\n"
            "  int size() const noexcept { return size_; }\n private:\n  int size_{0};\n};\n"
            "std::optional<int> Engine::find(std::span<const int> all,\n                                int key) {\n"
            "  for (int i = 0; i < 3; ++i) {\n    if (all[i] == key) return i;\n  }\n  return {};\n}\n"
            "}  // namespace ntp\n"
            "TEST(Engine, Finds) {\n  EXPECT_TRUE(true);\n}\n"
        )
        self.assertEqual(self.found(text), [("size", 5, 1), ("find", 9, 7), ("TEST(Engine, Finds)", 17, 3)])

    def test_constructor_with_initialiser_list(self):
        text = "Engine::Engine(int a, Limits l = {}) : a_{a}, b_(Pair{1, 2}), c_{f({a})} {\n  start();\n}\nint g() { return 1; }\n"
        self.assertEqual(self.found(text), [("Engine", 1, 3), ("g", 4, 1)])

    def test_operators_and_templates(self):
        text = (
            "constexpr bool operator==(const A& a, const A& b) {\n  return a.x == b.x;\n}\n"
            "template <typename T>\n  requires std::integral<T>\nT twice(T x) {\n  return x + x;\n}\n"
            "auto operator<=>(const A&, const A&) = default;\n"
        )
        self.assertEqual([found[2] for found in self.found(text)], [3, 5])

    def test_tables_and_types_are_no_functions(self):
        text = (
            "constexpr std::array kRows = {\n  Row{1, f(2)},\n  Row{3, g(4)},\n};\n"
            "enum class Mode : std::uint8_t {\n  client,\n};\n"
            "struct alignas(64) Bucket {\n  int x;\n};\n"
            "const Table table(3);\nint a[] = {1, 2};\nint f() {\n}\n"
        )
        self.assertEqual(self.found(text), [("f", 13, 2)])

    def test_lambda_at_namespace_scope(self):
        self.assertEqual(self.found("const auto twice = [](int x) {\n  return 2 * x;\n};\n"), [("twice", 1, 3)])

    def test_braces_in_comments_literals_and_macros(self):
        text = (
            "#define OPEN(x) \\\n  void x() {\n"
            "// {\n/* { */\nint f() {\n  char c = '{';\n  auto n = 1'000'000;\n  return g(\"}\", R\"(}{)\");\n}\nint h() { return 0; }\n"
        )
        self.assertEqual(self.found(text), [("f", 5, 5), ("h", 10, 1)])


if __name__ == "__main__":
    unittest.main()
