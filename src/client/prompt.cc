// SPDX-License-Identifier: BSD-2-Clause
#include "client/prompt.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <histedit.h>
#include <termios.h>
#include <unistd.h>

#include "client/variables.h"
#include "net/descriptor.h"

namespace ntp::client {
namespace {

constexpr int kHistoryLength = 500;

/// By octets, past stdio: it doesn't read ahead what a later question is meant to read.
std::optional<std::string> read_line(int fd) {
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t got = ::read(fd, &c, 1);
    if (got <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    if (line.size() < kMaxTypedLine) line += c;
  }
}

void without_end(std::string& line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
}

void write_to(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

class Prompt::Editor {
 public:
  Editor(std::string program, Completer completer) : program_(std::move(program)), completer_(std::move(completer)) {
    line_ = ::el_init(program_.c_str(), stdin, stdout, stderr);
    history_ = ::history_init();
    if (line_ == nullptr || history_ == nullptr) return;
    ::HistEvent event{};
    ::history(history_, &event, H_SETSIZE, kHistoryLength);
    ::history(history_, &event, H_SETUNIQUE, 1);
    ::el_set(line_, EL_CLIENTDATA, this);
    ::el_set(line_, EL_PROMPT, &Editor::prompt_of);
    ::el_set(line_, EL_EDITOR, "emacs");
    ::el_set(line_, EL_SIGNAL, 1);
    ::el_set(line_, EL_HIST, ::history, history_);
    ::el_set(line_, EL_ADDFN, "complete", "complete the word", &Editor::complete);
    ::el_set(line_, EL_BIND, "^I", "complete", nullptr);
    ::el_set(line_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    ::el_source(line_, nullptr);
  }
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;
  ~Editor() {
    if (history_ != nullptr) ::history_end(history_);
    if (line_ != nullptr) ::el_end(line_);
  }

  [[nodiscard]] bool works() const { return line_ != nullptr && history_ != nullptr; }

  std::optional<std::string> read(const std::string& prompt) {
    prompt_ = prompt;
    int length = 0;
    const char* typed = ::el_gets(line_, &length);
    if (typed == nullptr || length <= 0) return std::nullopt;
    std::string line(typed, std::min(static_cast<std::size_t>(length), kMaxTypedLine));
    without_end(line);
    ::HistEvent event{};
    if (line.find_first_not_of(" \t") != std::string::npos) ::history(history_, &event, H_ENTER, line.c_str());
    return line;
  }

 private:
  static Editor& self(::EditLine* line) {
    void* data = nullptr;
    ::el_get(line, EL_CLIENTDATA, &data);
    return *static_cast<Editor*>(data);
  }
  static char* prompt_of(::EditLine* line) { return self(line).prompt_.data(); }

  static unsigned char complete(::EditLine* line, int) {
    const ::LineInfo* typed = ::el_line(line);
    const std::string_view before(typed->buffer, static_cast<std::size_t>(typed->cursor - typed->buffer));
    const std::size_t start = before.find_last_of(" \t");
    const std::string_view word = start == std::string_view::npos ? before : before.substr(start + 1);
    const std::vector<std::string> candidates = self(line).completer_(before);
    if (candidates.empty()) return CC_ERROR;
    std::string addition = common_addition(word, candidates);
    if (candidates.size() == 1) addition += ' ';
    if (!addition.empty()) return ::el_insertstr(line, addition.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    std::string list = "\n";
    for (const std::string& candidate : candidates) list += candidate + "  ";
    write_to(STDOUT_FILENO, printable(list, true) + "\n");
    return CC_REDISPLAY;
  }

  std::string program_;
  Completer completer_;
  std::string prompt_;
  ::EditLine* line_ = nullptr;
  ::History* history_ = nullptr;
};

Prompt::Prompt(std::string program, Completer completer, const volatile std::sig_atomic_t* interrupt)
    : interrupt_(interrupt), is_terminal_(::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) {
  if (!is_terminal_) return;
  editor_ = std::make_unique<Editor>(std::move(program), std::move(completer));
  if (!editor_->works()) editor_.reset();
}
Prompt::~Prompt() = default;

std::optional<std::string> Prompt::read(const std::string& prompt) {
  if (is_terminal_) return read_edited(prompt);
  auto line = read_line(STDIN_FILENO);
  if (line) without_end(*line);
  return line;
}

std::optional<std::string> Prompt::read_edited(const std::string& prompt) {
  std::optional<std::string> line;
  if (editor_ != nullptr) {
    line = editor_->read(prompt);
  } else {
    write_to(STDOUT_FILENO, prompt);
    line = read_line(STDIN_FILENO);
    if (line) without_end(*line);
  }
  const bool is_dropped = interrupt_ != nullptr && *interrupt_ != 0;
  if (!is_dropped) return line;
  write_to(STDOUT_FILENO, "\n");
  return std::string();
}

std::optional<std::string> ask_line(const std::string& question) {
  write_to(STDERR_FILENO, question);
  auto line = read_line(STDIN_FILENO);
  if (line) without_end(*line);
  return line;
}

std::optional<std::string> ask_hidden(const std::string& question) {
  const net::Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  const int fd = terminal.is_open() ? terminal.get() : STDIN_FILENO;
  write_to(terminal.is_open() ? fd : STDERR_FILENO, question);
  termios before{};
  const bool hides = ::tcgetattr(fd, &before) == 0;
  if (hides) {
    termios hidden = before;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd, TCSAFLUSH, &hidden);
  }
  auto line = read_line(fd);
  if (hides) {
    ::tcsetattr(fd, TCSAFLUSH, &before);
    write_to(fd, "\n");
  }
  if (line) without_end(*line);
  return line;
}

std::string common_addition(std::string_view word, const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  std::string_view shared = candidates.front();
  for (const std::string& candidate : candidates) {
    const auto [a, b] = std::ranges::mismatch(shared, candidate);
    shared = shared.substr(0, static_cast<std::size_t>(a - shared.begin()));
  }
  return shared.starts_with(word) ? std::string(shared.substr(word.size())) : std::string();
}

}  // namespace ntp::client
