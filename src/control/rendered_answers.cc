// SPDX-License-Identifier: BSD-2-Clause
#include "control/rendered_answers.h"

#include <algorithm>

namespace ntp::control {
namespace {

constexpr double kLife_s = 1;

std::string_view without_padding(std::string_view data) {
  const std::size_t end = data.find_last_not_of(std::string_view(" \0", 2));
  return data.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

const RenderedAnswers::Entry* RenderedAnswers::find(const Request& request) {
  const std::string_view data = without_padding(request.data);
  const std::span<Entry> entries = places(data);
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
    return entry.is_used && entry.opcode == request.header.opcode &&
           entry.association_id == request.header.association_id && request.now.mono - entry.at <= kLife_s &&
           entry.data == data;
  });
  return found == entries.end() ? nullptr : &*found;
}

const RenderedAnswers::Entry& RenderedAnswers::add(const Request& request, std::string_view text,
                                                   std::uint16_t status) {
  const std::string_view data = without_padding(request.data);
  const std::span<Entry> entries = places(data);
  const auto oldest = std::min_element(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.is_used != b.is_used ? b.is_used : a.at < b.at;
  });
  oldest->opcode = request.header.opcode;
  oldest->association_id = request.header.association_id;
  oldest->data = data;
  oldest->text = text;
  oldest->status = status;
  oldest->at = request.now.mono;
  oldest->is_used = true;
  return *oldest;
}

void RenderedAnswers::clear() {
  for (Entry& entry : with_names_) entry.is_used = false;
  for (Entry& entry : without_names_) entry.is_used = false;
}

}  // namespace ntp::control
