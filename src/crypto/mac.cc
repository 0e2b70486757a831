// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/mac.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include <nettle/cmac.h>
#include <nettle/nettle-meta.h>
// MD5 and SHA-1 themselves: EVP takes memory from the heap for every digest and half as much time again.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include "base/assert.h"
#include "crypto/mac_type.h"

namespace ntp::crypto {
namespace {

constexpr std::size_t kAesKey = AES128_KEY_SIZE;

const std::uint8_t* octets_of(Bytes bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
std::uint8_t* writable(MutableBytes bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

struct HashContextCloser {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct MacContextCloser {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using EvpHashContext = std::unique_ptr<EVP_MD_CTX, HashContextCloser>;
using EvpMacContext = std::unique_ptr<EVP_MAC_CTX, MacContextCloser>;

EvpMacContext make_evp_cmac() {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
  if (mac == nullptr) return nullptr;
  EvpMacContext context(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  return context;
}

/// Nettle's form of a block cipher.
void encrypt_aes(const void* cipher, std::size_t length, std::uint8_t* out, const std::uint8_t* in) {
  aes128_encrypt(static_cast<const aes128_ctx*>(cipher), length, out, in);
}

/// AES128CMAC pads or cuts its secret; a hash takes it whole.
Secret fitted(MacMethod method, Bytes secret) {
  const bool is_aes = method == MacMethod::cmac || method == MacMethod::evp_cmac;
  if (!is_aes) return Secret(secret);
  std::array<std::byte, kAesKey> key{};
  std::copy_n(secret.begin(), std::min(secret.size(), key.size()), key.begin());
  Secret out{Bytes(key)};
  wipe(key);
  return out;
}

}  // namespace

std::expected<MacKey, std::string> MacKey::make(std::string_view type, Bytes secret) {
  if (secret.empty()) return std::unexpected("the secret is empty");
  auto found = find_mac_type(type);
  if (!found) return std::unexpected(explain(found.error(), type));
  return MacKey(std::move(*found), secret);
}

MacKey::MacKey(std::shared_ptr<const MacType> type, Bytes secret)
    : type_(std::move(type)),
      digest_length_(std::min(type_->digest_length, kMaxWireDigest)),
      secret_(std::make_shared<const Secret>(fitted(type_->method, secret))) {}

std::string_view MacKey::type() const { return type_->name; }

bool operator==(const MacKey& a, const MacKey& b) {
  const Bytes one = a.secret_->octets();
  const Bytes two = b.secret_->octets();
  return a.type() == b.type() && one.size() == two.size() && CRYPTO_memcmp(one.data(), two.data(), one.size()) == 0;
}

/// Everything that secrets pass through lies in the memory for secrets, and is not cleared between packets.
class MacWorkspace::Impl : public LivesInSecretMemory {
 public:
  Impl() : evp_hash_(EVP_MD_CTX_new()) {}

  std::size_t sign(const MacType& type, Bytes secret, Bytes message, Digest& digest);

 private:
  /// The blocks of MD5 and SHA-1, with what is filled in after the message.
  static constexpr std::size_t kHashBlock = 64;
  static constexpr std::size_t kPrepared = 4 * kHashBlock;
  /// A schedule takes as long as the CMAC of two packets: the keys that were used last keep theirs.
  /// With one more, all of it would take twice its memory: that for secrets is given in powers of two.
  static constexpr std::size_t kSchedules = 31;
  /// More than any hash of Nettle's needs (SHA-3 has the largest context).
  static constexpr std::size_t kHashContext = 512;

  struct Schedule {
    std::array<std::byte, kAesKey> key;
    bool is_set = false;
    aes128_ctx cipher;
    cmac128_key subkeys;
  };

  enum class LengthOrder : std::uint8_t { little_endian, big_endian };
  std::span<const std::uint8_t> pad(Bytes secret, Bytes message, LengthOrder order);
  void md5(Bytes secret, Bytes message, Digest& digest);
  void sha1(Bytes secret, Bytes message, Digest& digest);
  void hash(const nettle_hash& with, Bytes secret, Bytes message, MutableBytes digest);
  void cmac(Bytes secret, Bytes message, Digest& digest);
  [[nodiscard]] bool evp(const EVP_MD* with, Bytes secret, Bytes message, MutableBytes digest);
  [[nodiscard]] bool evp_cmac(Bytes secret, Bytes message, Digest& digest);
  Schedule& schedule_of(Bytes secret);

  std::array<std::uint8_t, kPrepared> padded_;
  alignas(std::max_align_t) std::array<std::byte, kHashContext> hash_context_;
  std::array<Schedule, kSchedules> schedules_;
  EvpHashContext evp_hash_;
  EvpMacContext evp_cmac_;
};

/// Secret and message as whole blocks (RFC 1321 section 3.1, RFC 3174 section 4); empty if they don't fit. One call over all
/// blocks is a quarter faster than the same in parts.
std::span<const std::uint8_t> MacWorkspace::Impl::pad(Bytes secret, Bytes message, LengthOrder order) {
  constexpr std::size_t kLengthField = 8;
  const std::size_t length = secret.size() + message.size();
  if (length + 1 + kLengthField > kPrepared) return {};
  const std::size_t end = (length + 1 + kLengthField + kHashBlock - 1) / kHashBlock * kHashBlock;
  const MutableBytes out = std::as_writable_bytes(std::span(padded_));
  std::copy(secret.begin(), secret.end(), out.begin());
  std::ranges::copy(message, out.subspan(secret.size()).begin());
  out[length] = std::byte{0x80};
  std::ranges::fill(out.subspan(length + 1, end - length - 1), std::byte{0});
  const std::uint64_t bits = std::uint64_t{length} * 8;
  store_big_endian(out, end - kLengthField, order == LengthOrder::big_endian ? bits : std::byteswap(bits));
  return std::span(padded_).first(end);
}

void MacWorkspace::Impl::md5(Bytes secret, Bytes message, Digest& digest) {
  MD5_CTX context;
  MD5_Init(&context);
  if (const auto blocks = pad(secret, message, LengthOrder::little_endian); !blocks.empty()) {
    MD5_Update(&context, blocks.data(), blocks.size());
    std::size_t at = 0;
    for (const std::uint32_t word : {context.A, context.B, context.C, context.D}) {
      store_big_endian(digest, at, std::byteswap(word));
      at += sizeof(word);
    }
  } else {
    MD5_Update(&context, secret.data(), secret.size());
    MD5_Update(&context, message.data(), message.size());
    MD5_Final(writable(digest), &context);
  }
}

void MacWorkspace::Impl::sha1(Bytes secret, Bytes message, Digest& digest) {
  SHA_CTX context;
  SHA1_Init(&context);
  if (const auto blocks = pad(secret, message, LengthOrder::big_endian); !blocks.empty()) {
    SHA1_Update(&context, blocks.data(), blocks.size());
    std::size_t at = 0;
    for (const std::uint32_t word : {context.h0, context.h1, context.h2, context.h3, context.h4}) {
      store_big_endian(digest, at, word);
      at += sizeof(word);
    }
  } else {
    SHA1_Update(&context, secret.data(), secret.size());
    SHA1_Update(&context, message.data(), message.size());
    SHA1_Final(writable(digest), &context);
  }
}

void MacWorkspace::Impl::hash(const nettle_hash& with, Bytes secret, Bytes message, MutableBytes digest) {
  NTP_ASSERT(with.context_size <= hash_context_.size());
  with.init(hash_context_.data());
  with.update(hash_context_.data(), secret.size(), octets_of(secret));
  with.update(hash_context_.data(), message.size(), octets_of(message));
  with.digest(hash_context_.data(), digest.size(), writable(digest));
}

MacWorkspace::Impl::Schedule& MacWorkspace::Impl::schedule_of(Bytes secret) {
  NTP_ASSERT(secret.size() == kAesKey);
  // Which place a key takes hangs on where it lies, and whether it is there on its octets: another key may lie there later.
  const auto place = reinterpret_cast<std::uintptr_t>(secret.data()) * 0x9e3779b97f4a7c15U;
  Schedule& schedule = schedules_[(place >> 32U) % kSchedules];
  if (schedule.is_set && CRYPTO_memcmp(schedule.key.data(), secret.data(), kAesKey) == 0) return schedule;
  std::ranges::copy(secret, schedule.key.begin());
  schedule.is_set = true;
  aes128_set_encrypt_key(&schedule.cipher, octets_of(secret));
  cmac128_set_key(&schedule.subkeys, &schedule.cipher, encrypt_aes);
  return schedule;
}

void MacWorkspace::Impl::cmac(Bytes secret, Bytes message, Digest& digest) {
  const Schedule& schedule = schedule_of(secret);
  cmac128_ctx chain;
  cmac128_init(&chain);
  cmac128_update(&chain, &schedule.cipher, encrypt_aes, message.size(), octets_of(message));
  cmac128_digest(&chain, &schedule.subkeys, &schedule.cipher, encrypt_aes, AES_BLOCK_SIZE, writable(digest));
}

bool MacWorkspace::Impl::evp(const EVP_MD* with, Bytes secret, Bytes message, MutableBytes digest) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> whole;
  unsigned length = 0;
  EVP_MD_CTX* context = evp_hash_.get();
  const bool is_done = with != nullptr && context != nullptr && EVP_DigestInit_ex2(context, with, nullptr) == 1 &&
                       EVP_DigestUpdate(context, secret.data(), secret.size()) == 1 &&
                       EVP_DigestUpdate(context, message.data(), message.size()) == 1 &&
                       EVP_DigestFinal_ex(context, whole.data(), &length) == 1;
  if (!is_done || length < digest.size()) return false;
  std::copy_n(whole.begin(), digest.size(), writable(digest));
  return true;
}

bool MacWorkspace::Impl::evp_cmac(Bytes secret, Bytes message, Digest& digest) {
  if (evp_cmac_ == nullptr) evp_cmac_ = make_evp_cmac();
  if (evp_cmac_ == nullptr) return false;
  std::array cipher = std::to_array("AES-128-CBC");
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), cipher.size() - 1),
      OSSL_PARAM_construct_end(),
  };
  std::size_t length = 0;
  EVP_MAC_CTX* context = evp_cmac_.get();
  return EVP_MAC_init(context, octets_of(secret), secret.size(), parameters.data()) == 1 &&
         EVP_MAC_update(context, octets_of(message), message.size()) == 1 &&
         EVP_MAC_final(context, writable(digest), &length, digest.size()) == 1 && length == AES_BLOCK_SIZE;
}

std::size_t MacWorkspace::Impl::sign(const MacType& type, Bytes secret, Bytes message, Digest& digest) {
  const std::size_t length = std::min(type.digest_length, kMaxWireDigest);
  const MutableBytes out = MutableBytes(digest).first(length);
  bool is_done = true;
  switch (type.method) {
    case MacMethod::md5:
      md5(secret, message, digest);
      break;
    case MacMethod::sha1:
      sha1(secret, message, digest);
      break;
    case MacMethod::hash:
      hash(*type.hash, secret, message, out);
      break;
    case MacMethod::cmac:
      cmac(secret, message, digest);
      break;
    case MacMethod::evp:
      is_done = evp(type.evp_hash.get(), secret, message, out);
      break;
    case MacMethod::evp_cmac:
      is_done = evp_cmac(secret, message, digest);
      break;
  }
  return is_done ? length : 0;
}

MacWorkspace::MacWorkspace() : impl_(std::make_unique<Impl>()) {
  constexpr std::size_t kRoom = 8192;
  static_assert(sizeof(Impl) <= kRoom);
}
MacWorkspace::MacWorkspace(MacWorkspace&&) noexcept = default;
MacWorkspace& MacWorkspace::operator=(MacWorkspace&&) noexcept = default;
MacWorkspace::~MacWorkspace() = default;

std::size_t MacWorkspace::sign(const MacKey& key, Bytes message, Digest& digest) {
  return impl_->sign(*key.type_, key.secret_->octets(), message, digest);
}

bool MacWorkspace::verify(const MacKey& key, Bytes message, Bytes digest) {
  Digest expected{};
  const std::size_t length = sign(key, message, expected);
  return length != 0 && digest.size() == length && CRYPTO_memcmp(expected.data(), digest.data(), length) == 0;
}

}  // namespace ntp::crypto
