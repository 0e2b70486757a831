// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/key_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

using config::Message;
using config::Severity;

constexpr std::string_view kOrigin = "ntp.conf";

/// A folder for keys files that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "keys-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string path(const char* name) const { return (path_ / name).string(); }
  [[nodiscard]] std::string write(const char* name, std::string_view content, unsigned mode = 0600) const {
    std::ofstream(path(name)) << content;
    std::filesystem::permissions(path(name), static_cast<std::filesystem::perms>(mode));
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

config::Config with_keys(std::vector<std::string> files, std::vector<config::KeyRange> trusted = {{1, 65535}}) {
  config::Config config;
  config.keys.files = std::move(files);
  config.keys.trusted = std::move(trusted);
  return config;
}

LoadedKeys load(const config::Config& config) { return load_keys(config, std::string(kOrigin), KeysPurpose::use); }

bool has(const std::vector<Message>& messages, std::string_view file, std::string_view text) {
  return std::ranges::any_of(messages, [&](const Message& message) {
    return message.file == file && message.text.find(text) != std::string::npos;
  });
}

TEST(LoadKeys, GivesNoRingWithoutAKeysLine) {
  const LoadedKeys keys = load({});

  EXPECT_EQ(keys.ring, nullptr);
  EXPECT_TRUE(keys.is_complete);
  EXPECT_TRUE(keys.messages.empty());
}

TEST(LoadKeys, TrustsWhatTheTrustedkeyLinesName) {
  const Folder folder;
  config::Config config =
      with_keys({folder.write("keys", "1 MD5 a\n2 SHA1 b\n3 AES c\n9 MD5 d\n")}, {{.first = 2, .last = 3}});
  config.keys.control_key = 3;

  const LoadedKeys keys = load(config);

  ASSERT_NE(keys.ring, nullptr);
  EXPECT_TRUE(keys.messages.empty());
  EXPECT_EQ(keys.ring->size(), 4U);
  EXPECT_EQ(keys.ring->find_trusted(1), nullptr);
  EXPECT_NE(keys.ring->find_trusted(2), nullptr);
  EXPECT_NE(keys.ring->find_trusted(3), nullptr);
  EXPECT_EQ(keys.ring->find_trusted(9), nullptr);
  EXPECT_EQ(keys.ring->control_key(), 3U);
}

TEST(LoadKeys, ReadsSeveralFilesAndLetsTheLaterCount) {
  const Folder folder;
  const std::string first = folder.write("first", "1 MD5 a\n2 MD5 b\n");
  const std::string second = folder.write("second", "2 SHA1 c\n3 MD5 d\n");

  const LoadedKeys keys = load(with_keys({first, second}));

  EXPECT_EQ(keys.ring->size(), 3U);
  EXPECT_EQ(keys.ring->find(2)->mac.type(), "SHA1");
  EXPECT_TRUE(has(keys.messages, second, "keys that another file has too: 1, the first is key 2 of " + first));
  EXPECT_TRUE(config::is_clean(keys.messages));
}

TEST(LoadKeys, RefusesTheStartForAFaultyFileAndSaysWhere) {
  const Folder folder;
  const std::string path = folder.write("keys", "1 MD5 a\n2 MD5\n");

  const LoadedKeys keys = load(with_keys({path}));

  EXPECT_FALSE(keys.is_complete);
  EXPECT_FALSE(config::starts(keys.messages));
  ASSERT_EQ(keys.messages.size(), 1U);
  EXPECT_EQ(config::text(keys.messages[0]), path + ":2:6: error: key 2: expected a type and a key after the number");
}

TEST(LoadKeys, LeavesOutAKeyOfAnUnknownTypeAndNamesTheNearest) {
  const Folder folder;

  const LoadedKeys keys = load(with_keys({folder.write("keys", "1 SHA265 a\n2 MD5 b\n")}));

  EXPECT_TRUE(keys.is_complete);
  EXPECT_TRUE(config::starts(keys.messages));
  EXPECT_EQ(keys.ring->size(), 1U);
  ASSERT_EQ(keys.messages.size(), 1U);
  EXPECT_EQ(keys.messages[0].token, "SHA265");
  EXPECT_EQ(keys.messages[0].nearest, "SHA256");
}

TEST(LoadKeys, GoesOnWithoutAFileThatIsNotThere) {
  const Folder folder;
  const std::string path = folder.path("absent");

  const LoadedKeys keys = load(with_keys({path, folder.write("keys", "1 MD5 a\n")}));

  EXPECT_TRUE(keys.is_faulty) << "a reload keeps the old configuration";
  EXPECT_TRUE(config::starts(keys.messages));
  EXPECT_FALSE(config::is_clean(keys.messages));
  EXPECT_TRUE(has(keys.messages, path, "this keys file is not there: none of its keys can be used"));
  EXPECT_EQ(keys.ring->size(), 1U);
}

TEST(LoadKeys, RefusesTheStartForWhatIsNoFile) {
  const Folder folder;

  const LoadedKeys keys = load(with_keys({folder.path("")}));

  EXPECT_TRUE(keys.is_faulty);
  EXPECT_FALSE(config::starts(keys.messages));
  EXPECT_TRUE(has(keys.messages, folder.path(""), "this keys file can't be read: Is a directory"));
}

TEST(LoadKeys, DoesNotWaitForANamedPipe) {
  const Folder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);

  EXPECT_TRUE(has(load(with_keys({path})).messages, path, "can't be read: neither a file nor a device"));
}

TEST(LoadKeys, ReadsFilesUpToALimit) {
  const Folder folder;
  std::string text = "1 MD5 a\n";
  text.resize(std::size_t{16} << 20U, '\n');

  EXPECT_EQ(load(with_keys({folder.write("most", text)})).ring->size(), 1U);
  const LoadedKeys keys = load(with_keys({folder.write("more", text + "\n")}));
  EXPECT_TRUE(keys.is_faulty);
  EXPECT_FALSE(config::starts(keys.messages));
  EXPECT_TRUE(has(keys.messages, folder.path("more"), "this keys file has more than 16777216 octets"));
}

TEST(LoadKeys, WarnsOfFilesThatOthersMayReadOrChange) {
  struct Row {
    unsigned mode;
    const char* says;
  };
  const Row rows[] = {
      {0644, "everybody on this machine may read the keys (mode 0644): chmod o= "},
      {0602, "everybody on this machine may change the keys (mode 0602): chmod o= "},
      {0660, "its group may change the keys (mode 0660): chmod g-w "},
  };
  const Folder folder;
  for (const Row& row : rows) {
    const std::string path = folder.write("keys", "1 MD5 a\n", row.mode);
    const LoadedKeys keys = load(with_keys({path}));
    ASSERT_EQ(keys.messages.size(), 1U) << row.says;
    EXPECT_EQ(keys.messages[0].text, row.says + path);
    EXPECT_EQ(keys.messages[0].severity, Severity::warning);
  }
  for (const unsigned mode : {0600U, 0640U, 0400U})
    EXPECT_TRUE(load(with_keys({folder.write("keys", "1 MD5 a\n", mode)})).messages.empty()) << mode;
}

TEST(LoadKeys, SaysWhichUsesOfKeysComeToNothing) {
  const Folder folder;
  config::Config config = with_keys({folder.write("keys", "1 MD5 a\n2 MD5 b\n")}, {{1, 1}, {7, 7}, {10, 19}});
  config.keys.control_key = 2;
  config.keys.request_key = 8;
  config.servers = {{.name = "a.example", .key_id = 1}, {.name = "b.example", .key_id = 2}, {.name = "c.example"}};

  const LoadedKeys keys = load(config);

  EXPECT_EQ(keys.messages.size(), 5U);
  EXPECT_TRUE(has(keys.messages, kOrigin, "trustedkey 7: no keys file has this key"));
  EXPECT_TRUE(has(keys.messages, kOrigin, "trustedkey (10 ... 19): no keys file has any of them"));
  EXPECT_TRUE(
      has(keys.messages, kOrigin, "controlkey 2: ntpq can't change anything (key 2 is not trusted: trustedkey 2)"));
  EXPECT_TRUE(has(keys.messages, kOrigin, "requestkey 8: ntpdc can't change anything (no keys file has key 8)"));
  EXPECT_TRUE(has(keys.messages, kOrigin, "b.example is not asked for the time: key 2 is not trusted"));
  EXPECT_TRUE(config::is_clean(keys.messages));
}

TEST(LoadKeys, MissesTheKeysLine) {
  config::Config config;
  config.keys.control_key = 2;

  EXPECT_TRUE(has(load(config).messages, kOrigin, "(there is no keys line)"));
}

TEST(UsedBy, TakesTheWordOfTheNewConfiguration) {
  const Folder folder;
  const LoadedKeys keys = load(with_keys({folder.write("keys", "1 MD5 a\n2 MD5 b\n")}, {{1, 1}}));
  config::Keys uses = with_keys({}, {{2, 70000}}).keys;
  uses.control_key = 2;

  const auto ring = used_by(uses, keys.ring.get());

  EXPECT_EQ(ring->find_trusted(1), nullptr);
  EXPECT_NE(ring->find_trusted(2), nullptr);
  EXPECT_EQ(ring->control_key(), 2U);
  EXPECT_TRUE(differ(keys.ring.get(), ring.get()));
  EXPECT_EQ(used_by(uses, nullptr), nullptr);
}

TEST(Differ, ComparesWhatTheFilesSay) {
  const Folder folder;
  const auto ring = [&](const char* text) { return load(with_keys({folder.write("keys", text)})).ring; };
  const auto first = ring("1 MD5 a\n");

  EXPECT_FALSE(differ(first.get(), ring("# the same\n1 MD5 a\n").get()));
  EXPECT_TRUE(differ(first.get(), ring("1 MD5 b\n").get())) << "another secret of the same id";
  EXPECT_TRUE(differ(first.get(), nullptr));
  EXPECT_FALSE(differ(nullptr, ring("").get())) << "no keys either way";
}

TEST(KeyMemory, HoldsTheKeysOfAFile) {
  const Folder folder;
  std::string text;
  for (int id = 1; id <= 500; ++id) text += std::to_string(id) + " MD5 secret\n";

  const LoadedKeys keys = load(with_keys({folder.write("keys", text)}));

  for (const policy::Key& key : keys.ring->keys()) EXPECT_TRUE(key.mac.is_set_aside()) << key.id;
}

TEST(KeyMemory, IsSaidToBeTooSmallOnlyWhereItIs) {
  const Folder folder;
  const LoadedKeys keys = load(with_keys({folder.write("keys", "1 MD5 secret\n")}));
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
  const bool may_lock = geteuid() == 0 || limit.rlim_cur >= rlim_t{1} << 20U;

  EXPECT_EQ(key_memory_notice(*keys.ring).has_value(), !may_lock);
}

}  // namespace
}  // namespace ntp::daemon
