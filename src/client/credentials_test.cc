// SPDX-License-Identifier: BSD-2-Clause
#include "client/credentials.h"

#include <cstdio>
#include <fstream>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

namespace ntp::client {
namespace {

class KeyOfFile : public testing::Test {
 protected:
  KeyOfFile() : path_(testing::TempDir() + "credentials_test." + std::to_string(::getpid())) {}
  ~KeyOfFile() override { std::remove(path_.c_str()); }
  void write(const std::string& text) const { std::ofstream(path_) << text; }

  std::string path_;
};

TEST_F(KeyOfFile, FindsTheLastKeyOfAnId) {
  write("1 MD5 first\n2 SHA1 other\n1 SHA1 second\n");

  const auto found = key_of_file(path_, 1);

  ASSERT_TRUE(found.has_value()) << found.error();
  EXPECT_EQ(found->key_id, 1U);
  EXPECT_EQ(found->key->type(), "SHA1");
  EXPECT_TRUE(*found->key == *key_of_password(1, "SHA1", "second")->key);
}

TEST_F(KeyOfFile, SaysWhatIsWrong) {
  write("1 MD5 first\n");
  EXPECT_EQ(key_of_file(path_, 9).error(), path_ + ": has no key 9 that can be used");
  write("1 MD5\n");
  EXPECT_NE(key_of_file(path_, 1).error().find(path_ + ":1:"), std::string::npos);
  EXPECT_NE(key_of_file("/nonexistent/keys", 1).error().find("No such file"), std::string::npos);
}

TEST(KeyOfPassword, TwentyCharactersAreTextAndMoreAreHexadecimal) {
  const auto text = key_of_password(6, "SHA1", "0123456789abcdef0123");
  const auto digits = key_of_password(6, "SHA1", "3031323334353637383961626364656630313233");

  ASSERT_TRUE(text.has_value() && digits.has_value());
  EXPECT_TRUE(*text->key == *digits->key);
  EXPECT_FALSE(key_of_password(6, "SHA1", "this is not hexadecimal at all").has_value());
  EXPECT_FALSE(key_of_password(6, "SHA1", std::string(129, 'a')).has_value());
  EXPECT_FALSE(key_of_password(6, "SHA1", "").has_value());
  EXPECT_FALSE(key_of_password(6, "NOSUCH", "x").has_value());
}

TEST(ParseKeyId, TakesTheRangeOfKeysFiles) {
  EXPECT_EQ(parse_key_id("1"), 1U);
  EXPECT_EQ(parse_key_id("65535"), 65535U);
  for (const char* odd : {"", "0", "65536", "-1", "1x", "99999999999999999999"})
    EXPECT_FALSE(parse_key_id(odd).has_value()) << odd;
}

}  // namespace
}  // namespace ntp::client
