// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/config_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <dirent.h>
#include <unistd.h>

#include "config/defaults.h"
#include "daemon/files.h"

namespace ntp::daemon {
namespace {

constexpr std::size_t kMaxConfigLength = 16U << 20U;
constexpr const char* kDropIns = "ntp.d";

std::expected<std::string, std::string> read_include(const std::string& path) {
  auto content = read_file(path, kMaxConfigLength);
  if (!content) return std::unexpected(content.error().text);
  return std::move(*content);
}

using Names = config::Folders::Names;

struct FolderCloser {
  void operator()(DIR* folder) const { closedir(folder); }
};

std::expected<std::optional<Names>, std::string> names_in(const std::string& path) {
  const std::unique_ptr<DIR, FolderCloser> folder(opendir(path.c_str()));
  if (!folder) {
    // A file, or nothing: not a folder. All else is a folder that is closed to us.
    if (errno == ENOTDIR || errno == ENOENT) return std::nullopt;
    return std::unexpected(std::string(std::strerror(errno)));
  }
  Names names;
  while (const dirent* entry = readdir(folder.get())) names.emplace_back(entry->d_name);
  return names;
}

std::string drop_ins_beside(const std::string& config_file) {
  const std::size_t slash = config_file.rfind('/');
  return slash == std::string::npos ? kDropIns : config_file.substr(0, slash + 1) + kDropIns;
}

bool has_drop_ins(const std::string& folder) {
  const auto names = names_in(folder);
  // One that can't be read is no reason to do without: the parser says so.
  if (!names) return true;
  return *names && std::ranges::any_of(**names, [](const std::string& name) { return name.ends_with(".conf"); });
}

}  // namespace

std::string embedded_configuration(const Options& options) {
  return config::default_config(options.serves_local_clock ? config::DefaultConfig::local
                                                           : config::DefaultConfig::pool);
}

std::expected<ParsedConfiguration, std::string> parse_configuration(const Options& options) {
  ParsedConfiguration read{.origin = "embedded default", .parsed = {}};
  const std::string drop_ins = drop_ins_beside(options.config_file);
  const bool is_absent =
      !options.is_config_file_named && access(options.config_file.c_str(), F_OK) != 0 && errno == ENOENT;
  if (options.uses_default_config || (is_absent && !has_drop_ins(drop_ins))) {
    read.parsed = config::parse(embedded_configuration(options), read.origin, read_include);
    return read;
  }
  read.origin = is_absent ? drop_ins : options.config_file;
  std::string text;
  if (!is_absent) {
    auto content = read_file(options.config_file, kMaxConfigLength);
    if (!content) return std::unexpected(content.error().text);
    text = std::move(*content);
  }
  read.parsed = config::parse(text, options.config_file, read_include, {.names = names_in, .drop_ins = drop_ins});
  return read;
}

}  // namespace ntp::daemon
