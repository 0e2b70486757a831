// SPDX-License-Identifier: BSD-2-Clause
//
// keys, trustedkey, controlkey, requestkey, key on associations, and what authentication this version lacks.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/print.h"
#include "config/test_kit.h"

namespace ntp::config {
namespace {

using test::config_of;
using test::expect_messages;
using test::parse_text;

TEST(ParseKeys, FilesAddUpAndTheSameOneIsReadOnce) {
  EXPECT_EQ(config_of("keys /etc/a\nkeys \"/etc/b c\"\nkeys /etc/a\n").keys.files,
            (std::vector<std::string>{"/etc/a", "/etc/b c"}));
}

TEST(ParseKeys, TrustedKeysAreNumbersAndRangesOfSeveralLines) {
  const Config config =
      config_of("trustedkey 1 (4 ... 7) 65535\ntrustedkey (9 ... 9)\ncontrolkey 4\nrequestkey 65535\n");

  EXPECT_EQ(config.keys.trusted, (std::vector<KeyRange>{{1, 1}, {4, 7}, {65535, 65535}, {9, 9}}));
  EXPECT_EQ(config.keys.control_key, 4U);
  EXPECT_EQ(config.keys.request_key, 65535U);
}

TEST(ParseKeys, ManyRangesPrintOnLinesThatCanBeRead) {
  std::string text;
  for (int i = 1; i < 5000; i += 2)
    text += "trustedkey (" + std::to_string(i) + " ... " + std::to_string(i + 1) + ")\n";
  const Config config = config_of(text);

  ASSERT_EQ(config.keys.trusted.size(), 2500U);
  EXPECT_EQ(config_of(print(config)), config);
}

TEST(ParseKeys, FaultyLinesRefuseTheStart) {
  expect_messages({
      {"trustedkey 1 (4 - 7)", "1:17: error: trustedkey: expected ..., found \"-\" [refuses start]"},
      {"trustedkey (7 ... 4)", "1:19: error: 4: expected at least 7 [refuses start]"},
      {"trustedkey (7...9)", "1:13: error: trustedkey 7...9: expected the number of a key, 1 to 65535 [refuses start]"},
      {"trustedkey (7 ... 9", "1:20: error: trustedkey: expected ) [refuses start]"},
      {"trustedkey", "1:11: error: trustedkey: expected the number of a key, 1 to 65535 [refuses start]"},
      {"trustedkey 65536", "1:12: error: trustedkey 65536: expected the number of a key, 1 to 65535 [refuses start]"},
      {"trustdkey 1", "1:1: error: unknown command \"trustdkey\": perhaps \"trustedkey\" [refuses start]"},
      {"keys", "1:5: error: keys: expected the name of a file [refuses start]"},
      {"keys \"\"", "1:6: error: keys: expected the name of a file [refuses start]"},
      {"keys a b", "1:8: error: keys: expected nothing more, found \"b\" [refuses start]"},
      {"controlkey 0", "1:12: error: controlkey 0: expected the number of a key, 1 to 65535 [refuses start]"},
      {"controlkey 1 2", "1:14: error: controlkey: expected nothing more, found \"2\" [refuses start]"},
      {"requestkey", "1:11: error: requestkey: expected the number of a key, 1 to 65535 [refuses start]"},
      {"crypto", "1:1: unsupported: crypto: Autokey is not part of this version"},
      {"crypto pw secret host a", "1:1: unsupported: crypto: Autokey is not part of this version"},
      {"crypto pw", "1:10: error: crypto: expected a word after pw [refuses start]"},
      {"crypto pww secret", "1:8: error: unknown option of crypto \"pww\": perhaps \"pw\" [refuses start]"},
      {"nts enable cert /a key /b", "1:1: unsupported: nts: network time security is not part of this version"},
      {"nts port 4460 tlscipherserverpreference",
       "1:1: unsupported: nts: network time security is not part of this version"},
      {"nts enabel", "1:5: error: unknown option of nts \"enabel\": perhaps \"enable\" [refuses start]"},
  });
}

TEST(ParseServer, AKeyIsKeptAndAFaultyOneRefusesTheStart) {
  EXPECT_EQ(config_of("server a.example key 65535 iburst").servers[0].key_id, 65535U);
  EXPECT_EQ(config_of("pool a.example key 1").servers[0].key_id, 1U);
  expect_messages({
      {"server a key 70000", "1:14: error: key 70000: expected 1 to 65535 [refuses start]"},
      {"server a key 0", "1:14: error: key 0: expected 1 to 65535 [refuses start]"},
      {"server a key md5", "1:14: error: key md5: expected a whole number, 1 to 65535 [refuses start]"},
      {"pool a key", "1:11: error: key: expected a whole number, 1 to 65535 [refuses start]"},
      {"server a minpoll 30", "1:18: error: minpoll 30: expected -4 to 17 (log2 of seconds)"},
  });
}

TEST(ParseServer, AuthenticationThatCantBeGivenLeavesOutTheAssociationAlone) {
  for (const char* option :
       {"autokey", "nts", "ident group", "nts ask b.example", "iburst autokey prefer", "key 5 autokey"}) {
    const ParseResult result = parse_text(std::string("server a.example ") + option + "\nserver b.example\n");
    ASSERT_EQ(result.config.servers.size(), 1U) << option;
    EXPECT_EQ(result.config.servers[0].name, "b.example");
    EXPECT_TRUE(starts(result.messages)) << option;
    EXPECT_FALSE(is_clean(result.messages)) << option;
    ASSERT_EQ(result.servers.size(), 1U) << option;
    EXPECT_EQ(result.servers[0].line, 2U) << option;
  }
}

}  // namespace
}  // namespace ntp::config
