// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/mac_type.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <nettle/md2.h>
#include <nettle/md4.h>
#include <nettle/nettle-meta.h>
#include <nettle/ripemd160.h>
#include <nettle/sha2.h>
#include <nettle/sha3.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "crypto/mac.h"
#include "crypto/mdc2.h"

namespace ntp::crypto {
namespace {

constexpr std::size_t kAesDigest = 16;
constexpr std::size_t kLeastDigest = 16;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

/// Other names of the types below, as OpenSSL, NTPsec and chrony write them.
struct Alias {
  std::string_view alias;
  std::string_view name;
};
constexpr auto kAliases = std::to_array<Alias>({
    {"M", "MD5"},
    {"SHA", "SHA1"},  // what OpenSSL once called SHA has been withdrawn since 1995; everybody means SHA-1
    {"SHA-1", "SHA1"},
    {"SHA-224", "SHA224"},
    {"SHA-256", "SHA256"},
    {"SHA-384", "SHA384"},
    {"SHA-512", "SHA512"},
    {"SHA2-224", "SHA224"},
    {"SHA2-256", "SHA256"},
    {"SHA2-384", "SHA384"},
    {"SHA2-512", "SHA512"},
    {"RIPEMD", "RIPEMD160"},
    {"RIPEMD-160", "RIPEMD160"},
    {"RMD160", "RIPEMD160"},
    {"AES", "AES128CMAC"},
    {"AES128", "AES128CMAC"},
    {"AES-128", "AES128CMAC"},
    {"AES-CMAC", "AES128CMAC"},
    {"AES-128-CMAC", "AES128CMAC"},
});

std::vector<std::shared_ptr<const MacType>> make_own_types() {
  const auto hash = [](const char* name, const nettle_hash& of) {
    return MacType{.name = name, .method = MacMethod::hash, .digest_length = of.digest_size, .hash = &of};
  };
  std::vector<std::shared_ptr<const MacType>> types;
  for (MacType& type : std::to_array<MacType>({
           {.name = "MD5", .method = MacMethod::md5, .digest_length = 16},
           {.name = "SHA1", .method = MacMethod::sha1, .digest_length = 20},
           {.name = "AES128CMAC", .method = MacMethod::cmac, .digest_length = kAesDigest},
           hash("MD2", nettle_md2),
           hash("MD4", nettle_md4),
           hash("MDC2", mdc2_hash()),
           hash("RIPEMD160", nettle_ripemd160),
           hash("SHA224", nettle_sha224),
           hash("SHA256", nettle_sha256),
           hash("SHA384", nettle_sha384),
           hash("SHA512", nettle_sha512),
           hash("SHA3-224", nettle_sha3_224),
           hash("SHA3-256", nettle_sha3_256),
           hash("SHA3-384", nettle_sha3_384),
           hash("SHA3-512", nettle_sha3_512),
       }))
    types.push_back(std::make_shared<const MacType>(std::move(type)));
  return types;
}

/// Types that need no OpenSSL provider.
const std::vector<std::shared_ptr<const MacType>>& own_types() {
  static const std::vector<std::shared_ptr<const MacType>> types = make_own_types();
  return types;
}

std::shared_ptr<const MacType> find_own(std::string_view name) {
  const auto found = std::ranges::find_if(own_types(), [&](const auto& type) { return type->name == name; });
  return found == own_types().end() ? nullptr : *found;
}

/// OpenSSL's legacy provider, in a context of its own: what else uses OpenSSL in this program doesn't get it. Never given
/// back: a key may use its hashes until the program ends.
OSSL_LIB_CTX* legacy_context() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    if (made != nullptr && OSSL_PROVIDER_load(made, "legacy") == nullptr) {
      OSSL_LIB_CTX_free(made);
      made = nullptr;
    }
    return made;
  }();
  return context;
}

using EvpHash = std::shared_ptr<const EVP_MD>;

EvpHash fetch(OSSL_LIB_CTX* context, const std::string& name) {
  EVP_MD* fetched = EVP_MD_fetch(context, name.c_str(), nullptr);
  if (fetched == nullptr) return nullptr;
  return {fetched, [](EVP_MD* hash) { EVP_MD_free(hash); }};
}

/// Nothing is known to work before it was seen to: some names stand for hashes that have no length of their own.
bool is_fit(const EVP_MD* hash) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest("", 0, digest.data(), &length, hash, nullptr) != 1) return false;
  return length == kLeastDigest || length >= kMaxWireDigest;
}

std::expected<std::shared_ptr<const MacType>, MacTypeError> wrap(EvpHash hash, std::string name) {
  if (!is_fit(hash.get())) return std::unexpected(MacTypeError::unfit);
  const int length = EVP_MD_get_size(hash.get());
  if (length < static_cast<int>(kLeastDigest)) return std::unexpected(MacTypeError::unfit);
  return std::make_shared<const MacType>(MacType{.name = std::move(name),
                                                 .method = MacMethod::evp,
                                                 .digest_length = static_cast<std::size_t>(length),
                                                 .hash = nullptr,
                                                 .evp_hash = std::move(hash)});
}

/// The name that OpenSSL has for `name`, if that is an alias of a hash (RSA-SHA256, ssl3-md5); else itself.
std::string canonical(const std::string& name) {
  const EVP_MD* known = EVP_get_digestbyname(name.c_str());
  return known == nullptr ? name : upper(EVP_MD_get0_name(known));
}

std::expected<std::shared_ptr<const MacType>, MacTypeError> find_approved(const std::string& name) {
  const auto own = find_own(name);
  if (own != nullptr && own->method == MacMethod::cmac) {
    EVP_MAC* cmac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    EVP_CIPHER* aes = EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr);
    const bool is_there = cmac != nullptr && aes != nullptr;
    EVP_MAC_free(cmac);
    EVP_CIPHER_free(aes);
    if (!is_there) return std::unexpected(MacTypeError::refused);
    return std::make_shared<const MacType>(
        MacType{.name = name, .method = MacMethod::evp_cmac, .digest_length = kAesDigest});
  }
  if (auto hash = fetch(nullptr, name)) return wrap(std::move(hash), name);
  const bool is_known = own != nullptr || EVP_get_digestbyname(name.c_str()) != nullptr;
  return std::unexpected(is_known ? MacTypeError::refused : MacTypeError::unknown);
}

}  // namespace

std::expected<std::shared_ptr<const MacType>, MacTypeError> find_mac_type(std::string_view given) {
  std::string name = upper(given);
  if (const auto* alias = std::ranges::find(kAliases, name, &Alias::alias); alias != kAliases.end())
    name = std::string(alias->name);
  if (EVP_default_properties_is_fips_enabled(nullptr) == 1) return find_approved(name);

  if (auto own = find_own(name)) return own;
  name = canonical(name);
  if (auto own = find_own(name)) return own;
  if (auto hash = fetch(nullptr, name)) return wrap(std::move(hash), name);
  if (legacy_context() != nullptr)
    if (auto hash = fetch(legacy_context(), name)) return wrap(std::move(hash), name);
  return std::unexpected(MacTypeError::unknown);
}

std::vector<std::string_view> mac_type_names() {
  std::vector<std::string_view> names;
  for (const auto& type : own_types()) names.push_back(type->name);
  return names;
}

std::string explain(MacTypeError error, std::string_view name) {
  std::string text = "key type " + std::string(name);
  switch (error) {
    case MacTypeError::unknown:
      return text + " is not known: expected MD5, SHA1, AES128CMAC or another hash that OpenSSL has";
    case MacTypeError::refused:
      return text +
             " is refused by OpenSSL, which runs in FIPS mode: use an approved type, such as SHA256 or AES128CMAC";
    case MacTypeError::unfit:
      return text + " gives no digest that can be sent: 16 octets, or at least 20";
  }
  return text;
}

}  // namespace ntp::crypto
