// SPDX-License-Identifier: BSD-2-Clause
//
// What a command gives: a value, which one writer prints as the reference implementation would and another one as JSON.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "client/json.h"
#include "wire/control_packet.h"

namespace ntp::ntpq {

/// Which status word it is, for its words.
enum class StatusKind : std::uint8_t { system, peer, clock };

/// "associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,"
struct StatusLine {
  std::uint16_t association_id = 0;
  std::uint16_t status = 0;
  StatusKind kind = StatusKind::system;
};

/// A setting was made; there is nothing to say.
struct Done {};

/// Lines that stand for themselves.
struct Text {
  std::string lines;         ///< printable, each with its newline
  std::string refusal = {};  ///< the part of `lines` that says that a change wasn't made; empty if all is well
};

struct CookedVariable {
  std::string name;
  std::string text;  ///< as it is printed after the "=", quotes included
  client::Json value;
};
struct VariableList {
  std::optional<StatusLine> status;
  std::vector<CookedVariable> variables;
  /// `raw`: what the server sent, line by line, instead of the variables.
  std::optional<std::string> raw;
  std::string fault =
      {};  ///< why something is missing: printed after what there is, without a newline; empty if nothing is
};
/// Of several associations.
struct VariableLists {
  std::vector<VariableList> lists;
  bool has_gaps = false;   ///< an empty line between two
  std::string fault = {};  ///< as above
};

/// "label:   value" lines.
struct ReportRow {
  std::string label;
  std::string name;  ///< of the variable, for JSON
  std::string text;
  client::Json value;
};
struct Report {
  std::optional<StatusLine> status;
  std::vector<ReportRow> rows;
  std::size_t label_width = 0;
};

struct TableRow {
  std::string text;  ///< the row as it is printed, without the last newline
  client::Json value;
};
struct Table {
  std::vector<std::string> head;
  std::vector<TableRow> rows;
  std::string fault = {};  ///< as above
};

using Result = std::variant<Done, Text, VariableList, VariableLists, Report, Table>;

/// A whole message, for standard error; may have several lines, the last without a newline.
struct Failure {
  std::string text;
  std::optional<wire::ControlError> code = {};  ///< if the server has said it
};
using Outcome = std::expected<Result, Failure>;

inline std::unexpected<Failure> failure(std::string text) { return std::unexpected(Failure{std::move(text)}); }

/// Why a result is no success, or not all of one; empty otherwise.
[[nodiscard]] const std::string& fault_of(const Result& result);

/// The text of a result, as the reference implementation prints it. Ends with a newline unless it is empty.
[[nodiscard]] std::string to_text(const Result& result);
/// The same as a value.
[[nodiscard]] client::Json to_json(const Result& result);

}  // namespace ntp::ntpq
