// SPDX-License-Identifier: BSD-2-Clause
#include "policy/keys_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck/gtest.h>

namespace ntp::policy {
namespace {

using Kind = KeysMessage::Kind;

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// True if `key` signs as a key of `type` and `secret` does.
bool is_key(const Key& key, std::string_view type, std::string_view secret) {
  crypto::MacWorkspace workspace;
  crypto::MacWorkspace::Digest digest{};
  const auto expected = crypto::MacKey::make(type, bytes_of(secret)).value();
  const std::size_t length = workspace.sign(expected, bytes_of("message"), digest);
  return key.mac.type() == expected.type() &&
         workspace.verify(key.mac, bytes_of("message"), Bytes(digest).first(length));
}

/// The only message of a file.
KeysMessage message_of(std::string_view text) {
  const KeysFile file = parse_keys_file(text);
  EXPECT_EQ(file.messages.size(), 1U) << text;
  return file.messages.empty() ? KeysMessage() : file.messages.front();
}

TEST(KeysFile, ReadsIdTypeAndKey) {
  const KeysFile file = parse_keys_file("# keys\n\n 1 MD5 secret\n65535\tsha1\tother  # comment\n");

  ASSERT_EQ(file.keys.size(), 2U);
  EXPECT_TRUE(file.messages.empty());
  EXPECT_EQ(file.keys[0].id, 1U);
  EXPECT_TRUE(is_key(file.keys[0], "MD5", "secret"));
  EXPECT_FALSE(is_key(file.keys[0], "MD5", "Secret"));
  EXPECT_EQ(file.keys[1].id, 65535U);
  EXPECT_TRUE(is_key(file.keys[1], "SHA1", "other"));
  EXPECT_FALSE(file.keys[0].is_trusted);
}

TEST(KeysFile, IsEmptyWithoutLines) {
  for (const char* text : {"", "\n", "# nothing", "   \t \r\n#\r\n"}) {
    const KeysFile file = parse_keys_file(text);
    EXPECT_TRUE(file.keys.empty());
    EXPECT_TRUE(file.messages.empty());
    EXPECT_FALSE(file.is_faulty);
  }
}

TEST(KeysFile, TakesLinesOfOtherSystems) {
  const KeysFile file = parse_keys_file(
      "\xef\xbb\xbf"
      "1 MD5 secret\r\n2 MD5 another\r\n3 MD5 last");

  ASSERT_EQ(file.keys.size(), 3U);
  EXPECT_TRUE(is_key(file.keys[1], "MD5", "another"));
  EXPECT_TRUE(is_key(file.keys[2], "MD5", "last"));
}

TEST(KeysFile, TakesUpTo20CharactersAsTheyStandAndMoreAsHexadecimal) {
  struct Row {
    const char* written;
    std::string secret;
  };
  const Row rows[] = {
      {"00112233445566778899", "00112233445566778899"},
      {"exactly20characters!", "exactly20characters!"},
      {"414243444546474849", "414243444546474849"},
      {"616263646566676869706", "abcdefghip`"},  // 21 digits: the last one is the upper half of an octet
      {"4A4b4C4d4E4f505152535455", "JKLMNOPQRSTU"},
      {"000102030405060708090a0b0c0d0e0f1011121314",
       std::string("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24", 21)},
  };

  for (const Row& row : rows) {
    const KeysFile file = parse_keys_file(std::string("7 SHA256 ") + row.written);
    ASSERT_EQ(file.keys.size(), 1U) << row.written;
    EXPECT_TRUE(is_key(file.keys[0], "SHA256", row.secret)) << row.written;
  }
  const std::string longest(kMaxKeyDigits, 'a');
  EXPECT_TRUE(is_key(parse_keys_file("1 MD5 " + longest).keys.at(0), "MD5", std::string(64, '\xaa')));
}

TEST(KeysFile, ReadsWhoMayUseAKey) {
  const KeysFile file = parse_keys_file("1 MD5 secret 192.0.2.1,198.51.100.0/24,2001:db8::/32,::1 # four\n");

  ASSERT_EQ(file.keys.size(), 1U);
  const std::vector<KeyAddress> expected = {{Address::parse("192.0.2.1").value(), 32},
                                            {Address::parse("198.51.100.0").value(), 24},
                                            {Address::parse("2001:db8::").value(), 32},
                                            {Address::parse("::1").value(), 128}};
  EXPECT_EQ(file.keys[0].addresses, expected);
}

TEST(KeysFile, SaysWhereAndWhatIsWrong) {
  struct Row {
    const char* text;
    std::size_t line;
    std::size_t column;
    const char* says;
  };
  const Row rows[] = {
      {"# first\n 65536 MD5 secret", 2, 2, "65536: expected the number of a key, 1 to 65535"},
      {"0 MD5 secret", 1, 1, "0: expected the number of a key, 1 to 65535"},
      {"-1 MD5 secret", 1, 1, "the first word: expected the number of a key, 1 to 65535"},
      {"1x MD5 secret", 1, 1, "the first word: expected the number"},
      {"MD5 1 secret", 1, 1, "the first word: expected the number"},
      {"1", 1, 2, "key 1: expected a type and a key after the number"},
      {"1 MD5", 1, 6, "key 1: expected a type and a key after the number"},
      {"1 MD5 #secret", 1, 7, "key 1: expected a type and a key after the number"},
      {"1 MD5 0123456789abcdefX0123", 1, 23, "character 17 of the key is no hexadecimal digit"},
      {"1 MD5 secret 192.0.2.256", 1, 14, "192.0.2.256 is no address"},
      {"1 MD5 secret 192.0.2.1,", 1, 24, "what follows the key is no address"},
      {"1 MD5 secret 192.0.2.0/33", 1, 24, "192.0.2.0/33: expected a prefix length of 0 to 32 after the /"},
      {"1 MD5 secret ::/129", 1, 17, "::/129: expected a prefix length of 0 to 128"},
      {"1 MD5 secret ::/", 1, 17, "::/: expected a prefix length of 0 to 128"},
      {"1 MD5 secret fe80::1%2", 1, 14, "what follows the key is no address"},
      {"1 MD5 secret 192.0.2.1, 192.0.2.2", 1, 24, "what follows the key is no address"},
      {"1 MD5 secret 192.0.2.1 192.0.2.2", 1, 24, "expected the end of the line: addresses are separated by commas"},
      {"1 MD5 sec\x01ret", 1, 10, "control character 0x01: this is no text file"},
      {"1 MD5 secret\rx", 1, 13, "control character 0x0d"},
  };

  for (const Row& row : rows) {
    const KeysMessage message = message_of(row.text);
    EXPECT_EQ(message.kind, Kind::fault) << row.text;
    EXPECT_EQ(message.line, row.line) << row.text;
    EXPECT_EQ(message.column, row.column) << row.text;
    EXPECT_TRUE(message.text.starts_with(row.says)) << message.text;
    EXPECT_TRUE(parse_keys_file(row.text).is_faulty);
  }
  EXPECT_TRUE(message_of(std::string("1 MD5 a\0b", 9)).text.starts_with("control character 0x00"));
}

TEST(KeysFile, NamesItsLimits) {
  EXPECT_EQ(message_of("1 MD5 " + std::string(kMaxKeyDigits + 1, 'a')).text,
            "a key of 129 characters: expected up to 20 characters, or up to 128 hexadecimal digits");
  EXPECT_EQ(message_of("1 MD5 secret" + std::string(kMaxKeysLine, ' ')).text, "the line has more than 8192 octets");
  EXPECT_TRUE(parse_keys_file("1 MD5 secret" + std::string(kMaxKeysLine - 12, ' ')).messages.empty());
}

TEST(KeysFile, GivesAllKeysOrNone) {
  const KeysFile file = parse_keys_file("1 MD5 secret\n2 MD5 secret\n3 MD5\n4 MD5 secret\n");

  EXPECT_TRUE(file.is_faulty);
  EXPECT_TRUE(file.keys.empty());
  EXPECT_EQ(file.messages.size(), 1U);
}

TEST(KeysFile, StopsAfterSoManyFaults) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "0 MD5 secret\n";

  const KeysFile file = parse_keys_file(text);

  ASSERT_EQ(file.messages.size(), kMaxKeysFaults + 1);
  EXPECT_EQ(file.messages.back().text, "15 faults: the rest was not read");
}

TEST(KeysFile, LeavesOutAKeyOfAnUnknownTypeAlone) {
  const KeysFile file = parse_keys_file("1 FOO secret\n2 MD5 secret\n");

  EXPECT_FALSE(file.is_faulty);
  ASSERT_EQ(file.keys.size(), 1U);
  EXPECT_EQ(file.keys[0].id, 2U);
  ASSERT_EQ(file.messages.size(), 1U);
  EXPECT_EQ(file.messages[0].kind, Kind::skipped);
  EXPECT_EQ(file.messages[0].line, 1U);
  EXPECT_EQ(file.messages[0].column, 3U);
  EXPECT_EQ(file.messages[0].token, "FOO");
  EXPECT_TRUE(file.messages[0].text.starts_with("key 1 is left out: key type FOO is not known: expected MD5, SHA1"))
      << file.messages[0].text;
}

TEST(KeysFile, TakesUnknownTypesThatBeginWithMAsMd5AsTheClassicDoes) {
  const KeysFile file = parse_keys_file("1 M secret\n2 md secret\n3 MD6 secret\n");

  ASSERT_EQ(file.keys.size(), 3U);
  for (const Key& key : file.keys) EXPECT_TRUE(is_key(key, "MD5", "secret"));
  ASSERT_EQ(file.messages.size(), 2U) << "M is a name of MD5";
  EXPECT_EQ(file.messages[0].kind, Kind::warning);
  EXPECT_TRUE(file.messages[1].text.starts_with("key 3: key type MD6 is not known and taken as MD5"));
}

TEST(KeysFile, LeavesOutWhatFipsModeRefuses) {
  EVP_default_properties_enable_fips(nullptr, 1);
  const KeysFile file = parse_keys_file("1 MD5 secret\n2 M secret\n3 mdc2 secret\n");
  EVP_default_properties_enable_fips(nullptr, 0);

  EXPECT_TRUE(file.keys.empty());
  EXPECT_FALSE(file.is_faulty);
  ASSERT_EQ(file.messages.size(), 3U);
  EXPECT_TRUE(
      file.messages[2].text.starts_with("key 3 is left out: key type mdc2 is refused by OpenSSL, which runs in FIPS"));
}

TEST(KeysFile, LetsTheLaterOfTwoKeysCountAndSaysSo) {
  const KeysFile file = parse_keys_file("1 MD5 first\n2 MD5 other\n1 MD5 second\n");
  ASSERT_EQ(file.messages.size(), 1U);
  EXPECT_EQ(file.messages[0].kind, Kind::warning);
  EXPECT_EQ(file.messages[0].line, 3U);
  EXPECT_EQ(file.messages[0].text, "key 1 is in line 1 too: this one counts");

  const KeyRing ring(parse_keys_file("1 MD5 first\n2 MD5 other\n1 MD5 second\n").keys);
  EXPECT_TRUE(is_key(*ring.find(1), "MD5", "second"));
}

TEST(KeysFile, CountsTheMessagesThatItDoesNotKeep) {
  std::string text;
  for (int i = 1; i <= 250; ++i) text += std::to_string(i) + " FOO secret\n";

  const KeysFile file = parse_keys_file(text);

  ASSERT_EQ(file.messages.size(), kMaxKeysMessages + 1);
  EXPECT_EQ(file.messages.back().text, "150 more messages about this file");
}

TEST(KeysFile, KeepsKeysOutOfItsMessages) {
  for (const char* text :
       {"sEcrEt", "1 MD5 sEcrEt", "sEcrEt MD5 1", "1 MD5 my sEcrEt", "1 MD5 my old sEcrEt",
        "1 MD5 12345678901234567890sEcrEt", "1 sEcrEt! MD5", "1 MD5 a 1.2.3.4,sEcrEt", "70000sEcrEt"})
    for (const KeysMessage& message : parse_keys_file(text).messages) {
      EXPECT_EQ(message.text.find("sEcrEt"), std::string::npos) << message.text;
      EXPECT_EQ(message.token.find("sEcrEt"), std::string::npos) << message.text;
    }
}

/// Figure 1 of the reference implementation's page on authentication, as it stands there.
constexpr std::string_view kFigure1 = R"keys(# Thu Dec 12 19:22:25 2013

1  MD5 L";Nw<`.I<f4U0)247"i  # MD5 key
2  MD5 &>l0%XXK9O'51VwV<xq~  # MD5 key
3  MD5 lb4zLW~d^!K:]RsD'qb6  # MD5 key
4  MD5 Yue:tL[+vR)M`n~bY,'?  # MD5 key
5  MD5 B;fxlKgr/&4ZTbL6=RxA  # MD5 key
6  MD5 4eYwa`o}3i@@V@..R9!l  # MD5 key
7  MD5 `A.([h+;wTQ|xfi%Sn_!  # MD5 key
8  MD5 45:V,r4]l6y^JH6"Sh?F  # MD5 key
9  MD5 3-5vcn*6l29DS?Xdsg)*  # MD5 key
10 MD5 2late4Me              # MD5 key
11 SHA1 a27872d3030a9025b8446c751b4551a7629af65c  # SHA1 key
12 SHA1 21bc3b4865dbb9e920902abdccb3e04ff97a5e74  # SHA1 key
13 SHA1 2b7736fe24fef5ba85ae11594132ab5d6f6daba9  # SHA1 key
14 SHA  a5332809c8878dd3a5b918819108a111509aeceb  # SHA  key
15 MD2  2fe16c88c760ff2f16d4267e36c1aa6c926e6964  # MD2  key
16 MD4  b2691811dc19cfc0e2f9bcacd74213f29812183d  # MD4  key
17 MD5  e4d6735b8bdad58ec5ffcb087300a17f7fef1f7c  # MD5  key
18 MDC2 a8d5e2315c025bf3a79174c87fbd10477de2eabc  # MDC2 key
19 RIPEMD160 77ca332cafb30e3cafb174dcd5b80ded7ba9b3d2  # RIPEMD160 key
20 AES128CMAC f92ff73eee86c1e7dc638d6489a04e4e555af878  # AES128CMAC key
)keys";

TEST(KeysFile, LoadsFigure1AsItStands) {
  const KeysFile file = parse_keys_file(kFigure1);

  EXPECT_TRUE(file.messages.empty());
  ASSERT_EQ(file.keys.size(), 20U);
  for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(file.keys[i].id, i + 1);
  EXPECT_TRUE(is_key(file.keys[0], "MD5", "L\";Nw<`.I<f4U0)247\"i"));
  EXPECT_TRUE(is_key(file.keys[9], "MD5", "2late4Me"));
  EXPECT_TRUE(is_key(file.keys[13], "SHA1",
                     "\xa5\x33\x28\x09\xc8\x87\x8d\xd3\xa5\xb9\x18\x81\x91\x08\xa1\x11\x50\x9a\xec\xeb"));
  constexpr std::array kTypes = {"SHA1", "SHA1", "SHA1", "SHA1",      "MD2",
                                 "MD4",  "MD5",  "MDC2", "RIPEMD160", "AES128CMAC"};
  for (std::size_t i = 0; i < kTypes.size(); ++i) EXPECT_EQ(file.keys[10 + i].mac.type(), kTypes[i]);
}

// What is written in any spelling reads as the same keys.
RC_GTEST_PROP(KeysFile, ReadsWhatAWriterWrites, ()) {
  const auto secret = *rc::gen::container<std::vector<std::uint8_t>>(*rc::gen::inRange<std::size_t>(11, 65),
                                                                     rc::gen::arbitrary<std::uint8_t>());
  const auto id = *rc::gen::inRange<std::uint32_t>(1, kMaxKeyId + 1);
  const std::string blank = *rc::gen::element<std::string>(" ", "\t", "   ", " \t ");
  const std::string_view digits = *rc::gen::element<std::string_view>("0123456789abcdef", "0123456789ABCDEF");
  std::string text = blank + std::to_string(id) + blank + "SHA256" + blank;
  for (const std::uint8_t octet : secret) {
    text += digits[octet >> 4U];
    text += digits[octet & 15U];
  }
  text += *rc::gen::element<std::string>("", "\n", "\r\n", " # 1 MD5 other\n", "# 1 MD5 other");

  const KeysFile file = parse_keys_file(text);

  RC_ASSERT(file.messages.empty());
  RC_ASSERT(file.keys.size() == 1U);
  RC_ASSERT(file.keys[0].id == id);
  RC_ASSERT(is_key(file.keys[0], "SHA256", std::string(secret.begin(), secret.end())));
}

}  // namespace
}  // namespace ntp::policy
