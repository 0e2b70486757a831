// SPDX-License-Identifier: BSD-2-Clause
#include "control/private_service.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "control/private_answer.h"

namespace ntp::control {
namespace {

using wire::Implementation;
using wire::PrivateError;

/// What the reference implementation drops without a word: what is no request, or not of one datagram.
bool is_request(const wire::PrivateHeader& header) {
  return !header.is_response && !header.has_more && header.sequence == 0 && header.error == 0 && header.reserved == 0;
}

bool speaks(std::uint8_t implementation) {
  return implementation == static_cast<std::uint8_t>(Implementation::old) ||
         implementation == static_cast<std::uint8_t>(Implementation::current);
}

/// Items are of one of the two lengths (programs on 32-bit machines use the short form of keys), and within the datagram.
bool has_right_items(const wire::PrivateHeader& header, const wire::PrivateOperation& operation, Bytes datagram) {
  if (operation.request.current == 0) return header.item_length == 0 && header.item_count == 0;
  if (header.item_length != operation.request.current && header.item_length != operation.request.old) return false;
  const std::size_t items = std::size_t{header.item_count} * header.item_length;
  return header.item_count > 0 && items <= wire::kMaxPrivateRequestData &&
         wire::kPrivateHeaderLength + items <= datagram.size();
}

/// Octets of the budget that an answer costs at least.
constexpr std::size_t kDeposit = 64;

/// Seconds, either way round.
double distance_s(Timestamp a, Timestamp b) { return std::abs((a - b).seconds()); }

}  // namespace

std::optional<UsedRequests::Use> UsedRequests::find(Timestamp stamp, Bytes proof, Timestamp now) {
  while (!entries_.empty() && distance_s(entries_.front().stamp, now) > wire::kMaxPrivateSkew_s) forget_oldest();
  for (const Entry& entry : entries_)
    if (entry.stamp == stamp && std::ranges::equal(entry.proof, proof)) return entry.use;
  return std::nullopt;
}

void UsedRequests::remember(Timestamp stamp, Bytes proof, Use use) {
  if (entries_.size() == kMost) forget_oldest();
  entries_.push_back({stamp, {proof.begin(), proof.end()}, use});
}

bool UsedRequests::may_be_forgotten(Timestamp stamp) const {
  return newest_forgotten_ && (stamp - *newest_forgotten_).units() <= 0;
}

bool UsedRequests::was_clock_set_back(Timestamp now) const {
  return newest_forgotten_ && (*newest_forgotten_ - now).seconds() > wire::kMaxPrivateSkew_s;
}

void UsedRequests::forget_oldest() {
  const Timestamp stamp = entries_.front().stamp;
  if (!newest_forgotten_ || (stamp - *newest_forgotten_).units() > 0) newest_forgotten_ = stamp;
  entries_.pop_front();
}

/// What is known of the asker, once its proof has been looked at.
struct PrivateService::Judged {
  bool is_proven = false;                     ///< by the request key, for the first time
  std::optional<UsedRequests::Use> used;      ///< proven, but not for the first time
  std::optional<wire::PrivateProof> proof{};  ///< of a request that is_proven

  [[nodiscard]] bool sees_all(const Query& query) const { return query.is_this_host || is_proven; }
};

std::optional<wire::PrivateProof> PrivateService::check_proof(const Query& query, const wire::PrivateHeader& header,
                                                              const Instant& now) {
  const policy::KeyRing* keys = world_.facts.policy().keys.get();
  if (!header.is_authenticated || keys == nullptr || !keys->request_key()) return std::nullopt;
  const policy::Key* key = keys->find_trusted(*keys->request_key());
  if (key == nullptr || !policy::may_use(*key, query.remote.address)) return std::nullopt;
  const auto proof = wire::find_private_proof(header, query.payload, key->id, key->mac.digest_length());
  if (!proof || distance_s(proof->stamp, now.real) > wire::kMaxPrivateSkew_s) return std::nullopt;
  if (!mac_.verify(key->mac, proof->message(query.payload), proof->digest(query.payload))) return std::nullopt;
  return proof;
}

PrivateService::Judged PrivateService::judge(const Query& query, const wire::PrivateHeader& header,
                                             const Instant& now) {
  const auto proof = check_proof(query, header, now);
  if (!proof) return {};
  const Bytes used_by = query.payload.subspan(proof->key_offset);
  if (const auto used = used_.find(proof->stamp, used_by, now.real)) return {.used = used};
  // Nobody can send from this host what was heard on the wire: from here it can be mended.
  const bool is_excused = query.is_this_host && used_.was_clock_set_back(now.real);
  if (used_.may_be_forgotten(proof->stamp) && !is_excused)
    return {.used = UsedRequests::Use{PrivateError::authentication}};
  return {.is_proven = true, .proof = proof};
}

void PrivateService::answer(const Query& query, const Instant& now, Replies& out) {
  const auto header = wire::decode_private_header(query.payload);
  if (!header || !is_request(*header) || has(query.access, policy::Access::noquery)) return;
  const auto refuse = [&](PrivateError error) { send_private_error(*header, error, query.remote, out); };
  if (!speaks(header->implementation)) return refuse(PrivateError::implementation);
  const auto operation = wire::find_private_operation(header->code);
  if (!operation) return refuse(PrivateError::request);

  const Judged judged = judge(query, *header, now);
  if (operation->needs_proof) {
    if (judged.used) return refuse(judged.used->answer);
    if (!judged.is_proven || has(query.access, policy::Access::nomodify)) return refuse(PrivateError::authentication);
  }
  if (!has_right_items(*header, *operation, query.payload)) return refuse(PrivateError::format);

  const bool sees_all = judged.sees_all(query);
  // Before the work: whoever forges the address of somebody with a line of his own can't have it done at will.
  if (!sees_all && query.has_own_line && !world_.state.may_send(query.remote.address, kDeposit, now.mono)) return;

  const bool is_old = header->implementation == static_cast<std::uint8_t>(Implementation::old);
  PrivateAnswer answer(*header, operation->response.of(is_old));
  if (!sees_all && !query.has_own_line) answer.limit(query.payload.size());
  PrivateCall call{.query = query,
                   .now = now,
                   .header = *header,
                   .is_old = is_old,
                   .clients = sees_all             ? ClientsFor::anybody
                              : query.has_own_line ? ClientsFor::own_line
                                                   : ClientsFor::nobody,
                   .newest_clients = newest_clients_,
                   .world = world_,
                   .answer = answer};
  const PrivateError error = find_private_handler(operation->code)(call);
  // Remembered only once it is done: whoever learns of a change asks again with the same octets if this reply is lost.
  if (judged.proof) used_.remember(judged.proof->stamp, query.payload.subspan(judged.proof->key_offset), {error});
  if (error != PrivateError::none) return refuse(error);
  if (sees_all) return answer.send_all(query.remote, out);
  if (!query.has_own_line) return answer.send_one(query.remote, query.payload.size(), out);
  const std::size_t rest = answer.octets() - std::min(answer.octets(), kDeposit);
  if (rest == 0 || world_.state.may_send(query.remote.address, rest, now.mono)) answer.send_all(query.remote, out);
}

}  // namespace ntp::control
