// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_terminal.h"

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

// Macros named move, erase, clear and timeout would reach far.
#define NCURSES_NOMACROS
#include <curses.h>

namespace ntp::ntpq {
namespace {

constexpr const char* kInstead = "\"ntpq -p\" prints the sources once";
/// Escape alone is a key: so long is waited for the rest of an arrow key, in milliseconds.
constexpr int kEscapeDelay = 50;
/// Most keys that are taken at once: a terminal may be fed without end.
constexpr std::size_t kMostKeys = 256;

enum Pair : short { kGreen = 1, kYellow = 2, kRed = 3, kBlue = 4 };

bool wants_colours() {
  const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nobody sets the environment
  return no_color == nullptr || *no_color == 0;
}

WatchKey key_of(int code) {
  constexpr int kEscape = 27;
  constexpr int kReturn = '\r';
  constexpr int kControlL = 12;
  switch (code) {
    case KEY_UP:
    case 'k':
      return WatchKey::up;
    case KEY_DOWN:
    case 'j':
      return WatchKey::down;
    case KEY_PPAGE:
      return WatchKey::page_up;
    case KEY_NPAGE:
      return WatchKey::page_down;
    case KEY_HOME:
    case 'g':
      return WatchKey::first;
    case KEY_END:
    case 'G':
      return WatchKey::last;
    case 'd':
    case '\n':
    case kReturn:
    case KEY_ENTER:
      return WatchKey::detail;
    case 'c':
      return WatchKey::clients;
    case 's':
      return WatchKey::sources;
    case '?':
    case 'h':
      return WatchKey::help;
    case kEscape:
      return WatchKey::back;
    case 'n':
      return WatchKey::names;
    case 'w':
      return WatchKey::wide;
    case 'p':
    case ' ':
      return WatchKey::pause;
    case '+':
    case '=':
      return WatchKey::slower;
    case '-':
      return WatchKey::faster;
    case 'q':
    case 'Q':
      return WatchKey::quit;
    case kControlL:
      ::clearok(stdscr, true);
      return WatchKey::none;
    default:
      return WatchKey::none;
  }
}

}  // namespace

class WatchTerminal::Impl {
 public:
  explicit Impl(SCREEN* of) : screen_(of) {
    is_unicode_ = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
    ::set_escdelay(kEscapeDelay);
    ::cbreak();
    ::noecho();
    ::nonl();
    ::keypad(stdscr, true);
    ::nodelay(stdscr, true);
    ::curs_set(0);
    if (!wants_colours() || !::has_colors() || ::start_color() == ERR) return;
    has_colours_ = true;
    const short background = ::use_default_colors() == ERR ? COLOR_BLACK : -1;
    ::init_pair(kGreen, COLOR_GREEN, background);
    ::init_pair(kYellow, COLOR_YELLOW, background);
    ::init_pair(kRed, COLOR_RED, background);
    ::init_pair(kBlue, COLOR_CYAN, background);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    ::endwin();
    ::delscreen(screen_);
  }

  [[nodiscard]] attr_t attributes_of(Style style) const {
    const auto colour = [this](short pair) {
      return has_colours_ ? static_cast<attr_t>(::COLOR_PAIR(pair)) : attr_t{A_NORMAL};
    };
    switch (style) {
      case Style::normal:
        return A_NORMAL;
      case Style::title:
        return A_REVERSE;
      case Style::heading:
        return A_BOLD | colour(kBlue);
      case Style::dim:
        return A_DIM;
      case Style::good:
        return colour(kGreen);
      case Style::warning:
        return colour(kYellow);
      case Style::bad:
        return A_BOLD | colour(kRed);
      case Style::selected:
        return A_REVERSE | A_BOLD;
    }
    return A_NORMAL;
  }

  [[nodiscard]] bool is_unicode() const { return is_unicode_; }

 private:
  SCREEN* screen_;
  bool has_colours_ = false;
  bool is_unicode_ = false;
};

std::expected<WatchTerminal, std::string> WatchTerminal::open() {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
    return std::unexpected(std::string("--watch needs a terminal; ") + kInstead);
  const char* term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nobody sets the environment
  const std::string kind = term == nullptr ? "" : term;
  if (kind.empty() || kind == "dumb" || kind == "unknown")
    return std::unexpected("--watch can't draw on this terminal (TERM is '" + kind + "'); " + kInstead);
  std::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): before any thread
  SCREEN* screen = ::newterm(nullptr, stdout, stdin);
  if (screen == nullptr)
    return std::unexpected("--watch knows no terminal of the kind '" + kind + "' (TERM); " + kInstead);
  return WatchTerminal(std::make_unique<Impl>(screen));
}

WatchTerminal::WatchTerminal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WatchTerminal::WatchTerminal(WatchTerminal&&) noexcept = default;
WatchTerminal& WatchTerminal::operator=(WatchTerminal&&) noexcept = default;
WatchTerminal::~WatchTerminal() = default;

void WatchTerminal::draw(const Screen& screen) {
  ::erase();
  int row = 0;
  for (const Line& line : screen.lines) {
    ::move(row++, 0);
    for (const Piece& piece : line) {
      ::attrset(static_cast<int>(impl_->attributes_of(piece.style)));
      ::addstr(piece.text.c_str());
    }
  }
  ::attrset(A_NORMAL);
  ::refresh();
}

std::vector<WatchKey> WatchTerminal::keys() {
  std::vector<WatchKey> keys;
  for (int code = ::getch(); code != ERR && keys.size() < kMostKeys; code = ::getch()) keys.push_back(key_of(code));
  return keys;
}

void WatchTerminal::resize() {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0) return;
  ::resizeterm(window.ws_row, window.ws_col);
  ::clearok(stdscr, true);
}

ScreenSize WatchTerminal::size() const {
  return {.columns = static_cast<std::size_t>(::getmaxx(stdscr)), .rows = static_cast<std::size_t>(::getmaxy(stdscr))};
}

Glyphs WatchTerminal::glyphs() const { return impl_->is_unicode() ? Glyphs::unicode : Glyphs::ascii; }

}  // namespace ntp::ntpq
