// SPDX-License-Identifier: BSD-2-Clause
#include "client/json.h"

#include <limits>

#include <gtest/gtest.h>

namespace ntp::client {
namespace {

TEST(Json, WritesEveryKindOnOneLine) {
  Json object;
  object.add("null", {});
  object.add("flag", true);
  object.add("count", 3);
  object.add("ratio", 0.25);
  object.add("name\n", "a\"b\x1b\xff");
  object.add("list", Json::Array{1, "x"});

  EXPECT_EQ(
      object.text(),
      R"({"null": null, "flag": true, "count": 3, "ratio": 0.25, "name\u000a": "a\"b\u001b\ufffd", "list": [1, "x"]})");
}

TEST(Json, NumbersOfTextKeepTheirDigits) {
  for (const char* same : {"0", "-24", "0.000", "-0.017404", "16000.00", "12345678901234567"})
    EXPECT_EQ(Json::of_text(same).text(), same);
  EXPECT_EQ(Json::of_text("+0.25").text(), "0.25");
}

// Row 36 of the history of attacks: what is no plain number stays text.
TEST(Json, OddNumbersAreText) {
  for (const char* odd :
       {"", "-", "+", "+-1", "007", "1.", ".5", "1e999", "nan", "inf", "0x1f", "1 2", "123456789012345678"})
    EXPECT_EQ(Json::of_text(odd).text(), "\"" + std::string(odd) + "\"");
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).text(), "null");
  EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).text(), "null");
}

}  // namespace
}  // namespace ntp::client
