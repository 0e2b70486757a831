// SPDX-License-Identifier: BSD-2-Clause
#include "state/variable_set.h"

#include <gtest/gtest.h>

namespace ntp::state {
namespace {

TEST(VariableSet, ALaterValueTakesAnEarlierOnesPlace) {
  VariableSet variables;
  variables.set({.name = "site", .value = "roof"});
  variables.set({.name = "owner", .value = "ops"});
  variables.set({.name = "site", .value = "cellar", .is_default = true});

  ASSERT_EQ(variables.all().size(), 2U);
  EXPECT_EQ(variables.all()[0].name, "site");
  ASSERT_NE(variables.find("site"), nullptr);
  EXPECT_EQ(variables.find("site")->value, "cellar");
  EXPECT_TRUE(variables.find("site")->is_default);
  EXPECT_FALSE(variables.find("owner")->is_default);
  EXPECT_EQ(variables.find("Site"), nullptr);
}

}  // namespace
}  // namespace ntp::state
