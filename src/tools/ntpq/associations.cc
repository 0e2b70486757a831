// SPDX-License-Identifier: BSD-2-Clause
//
// associations, lassociations, passociations, lpassociations
#include <string>

#include <fmt/format.h>

#include "tools/ntpq/commands.h"
#include "tools/ntpq/status_text.h"

namespace ntp::ntpq {
namespace {

enum class Which : std::uint8_t { in_use, all };

const char* authentication_text(std::uint16_t status) {
  if ((status & kPeerWantsAuthentication) == 0) return "none";
  return (status & kPeerAuthentic) != 0 ? "ok " : "bad";
}

TableRow row_of(std::size_t index, const Association& association) {
  const std::uint16_t status = association.status;
  const bool is_configured = (status & kPeerConfigured) != 0;
  const bool is_reachable = (status & kPeerReachable) != 0;
  const char* authentication = authentication_text(status);
  TableRow row{.text = fmt::format("{:3} {:5}  {:04x}   {:>3}  {:>4}  {:>4} {:>9} {:>11} {:2}", index, association.id,
                                   status, is_configured ? "yes" : "no", is_reachable ? "yes" : "no", authentication,
                                   selection_text(status), peer_event_text(status), event_count_of(status))};
  row.value.add("index", index);
  row.value.add("associd", int{association.id});
  row.value.add("status", fmt::format("{:04x}", status));
  row.value.add("configured", is_configured);
  row.value.add("reachable", is_reachable);
  row.value.add("authentication", authentication == std::string_view("ok ") ? "ok" : authentication);
  row.value.add("condition", selection_text(status));
  row.value.add("last_event", peer_event_text(status));
  row.value.add("events", static_cast<int>(event_count_of(status)));
  return row;
}

enum class Source : std::uint8_t { server, memory };

Outcome list(Context& context, Which which, Source source) {
  const auto associations = context.associations(source == Source::server);
  if (!associations) return std::unexpected(associations.error());
  if (associations->empty()) return failure("No association IDs returned");
  Table table{.head = {"ind assid status  conf reach auth condition  last_event cnt", std::string(59, '=')}};
  for (std::size_t i = 0; i < associations->size(); ++i) {
    const Association& association = (*associations)[i];
    const bool is_in_use = (association.status & (kPeerConfigured | kPeerReachable)) != 0;
    if (which == Which::all || is_in_use) table.rows.push_back(row_of(i + 1, association));
  }
  return table;
}

}  // namespace

Outcome run_associations(Context& context, const Words&) { return list(context, Which::in_use, Source::server); }
Outcome run_lassociations(Context& context, const Words&) { return list(context, Which::all, Source::server); }
Outcome run_passociations(Context& context, const Words&) { return list(context, Which::in_use, Source::memory); }
Outcome run_lpassociations(Context& context, const Words&) { return list(context, Which::all, Source::memory); }

}  // namespace ntp::ntpq
