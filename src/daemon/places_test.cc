// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/places.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

config::Config with_files() {
  config::Config config;
  config.drift_file = "drift";
  config.log_file = "stderr";
  config.pid_file = "/run/pid";
  config.statistics.folder = "stats";
  config.keys.files = {"a.keys", "/etc/b.keys"};
  config.leap_file = config::LeapFile{.path = "leap"};
  config.temperature_sensor = config::TemperatureSensor{.file = "temp", .interval_s = {}};
  return config;
}

TEST(Places, InTheBackgroundNamesBeginWhereItWasStarted) {
  Options given;
  given.config_file = "ntp.conf";
  given.key_file = "option.keys";
  const std::string here = std::filesystem::current_path().string() + "/";

  const Options options = with_absolute_names(given);
  config::Config config = with_files();
  merge_options(config, options);

  EXPECT_EQ(options.config_file, here + "ntp.conf");
  EXPECT_EQ(config.drift_file, here + "drift");
  EXPECT_EQ(config.log_file, "stderr");
  EXPECT_EQ(config.pid_file, "/run/pid");
  EXPECT_EQ(config.statistics.folder, here + "stats");
  EXPECT_EQ(config.keys.files, (std::vector<std::string>{here + "a.keys", "/etc/b.keys", here + "option.keys"}));
  EXPECT_EQ(config.leap_file->path, here + "leap");
  EXPECT_EQ(config.temperature_sensor->file, here + "temp");
}

TEST(Places, InTheForegroundAndInAJailNamesStayAsTheyAre) {
  for (const bool has_jail : {false, true}) {
    Options given;
    given.stays_in_foreground = !has_jail;
    if (has_jail) given.jail = "/jail";
    config::Config config = with_files();

    merge_options(config, with_absolute_names(given));

    EXPECT_EQ(config, with_files());
  }
}

TEST(Places, OptionsComeBeforeTheConfiguration) {
  Options options;
  options.statistics_folder = "/option";
  options.trusted_keys = {7, 9};
  config::Config config;
  config.statistics.folder = "/line";
  config.keys.trusted = {{.first = 1, .last = 3}};

  merge_options(config, options);

  EXPECT_EQ(config.statistics.folder, "/option");
  EXPECT_EQ(config.keys.trusted,
            (std::vector<config::KeyRange>{{.first = 1, .last = 3}, {.first = 7, .last = 7}, {.first = 9, .last = 9}}));
}

}  // namespace
}  // namespace ntp::daemon
