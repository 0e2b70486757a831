// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/mac.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck/gtest.h>

#include "crypto/mac_type.h"

namespace ntp::crypto {
namespace {

using Octets = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

unsigned hex_digit(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

Octets from_hex(std::string_view text) {
  Octets out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::byte>((hex_digit(text[i]) << 4U) | hex_digit(text[i + 1])));
  return out;
}

std::string to_hex(Bytes octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::byte octet : octets) {
    out += kDigits[std::to_integer<unsigned>(octet >> 4)];
    out += kDigits[std::to_integer<unsigned>(octet & std::byte{15})];
  }
  return out;
}

/// What goes on the wire, in hex; empty where nothing is signed.
std::string mac(std::string_view type, Bytes secret, Bytes message) {
  const auto key = MacKey::make(type, secret);
  if (!key) return key.error();
  MacWorkspace workspace;
  MacWorkspace::Digest digest{};
  const std::size_t length = workspace.sign(*key, message, digest);
  EXPECT_EQ(length, key->digest_length()) << type;
  return to_hex(Bytes(digest).first(length));
}

/// A secret of 20 octets and a message as long as an NTP header, with no pattern that a wrong order would leave the same.
Octets sample_secret() {
  Octets out(20);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(0x10 + i);
  return out;
}
Octets sample_message() {
  Octets out(48);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(7 * i + 3);
  return out;
}

TEST(Mac, OfEachTypeIsWhatAnotherProgramComputes) {
  struct Row {
    const char* type;
    const char* digest;
  };
  // Over the sample above: by Python's hashlib, `openssl dgst` (MD4, RIPEMD160 and the types below AES128CMAC), Python's
  // cryptography (AES128CMAC), and plain Python after RFC 1319 (MD2) and over its DES (MDC2). Cut to 20 octets.
  const Row rows[] = {
      {"MD5", "cec62ba5616ad7508b9681a379070ef4"},
      {"M", "cec62ba5616ad7508b9681a379070ef4"},
      {"SHA1", "af2a3227b136e17aad1970353ef883f8a3cdb6a3"},
      {"SHA", "af2a3227b136e17aad1970353ef883f8a3cdb6a3"},
      {"MD2", "53124942d635ce3c9ac58266550f98fa"},
      {"MD4", "87b34fb156697f7ae68c0a5b9285f198"},
      {"MDC2", "fbc9d2c1945110ca06f77225580be468"},
      {"RIPEMD160", "2d54eede3e3970ea57a1355e0658b33a049a21f8"},
      {"SHA224", "6744297f58770e7c0d8f1819c125202b0f57a3d2"},
      {"SHA256", "4a6e70c5e02663ae373d5e08289183c6e576ecbe"},
      {"SHA384", "be09f1bee4828c1d25403bd733e2dd06cd416bec"},
      {"SHA512", "73f0a8d93553da5070375f3ab84c5da7fb22e548"},
      {"SHA3-224", "248f156a9dd39f30e94fb29d3312c0008d8f9d6d"},
      {"SHA3-256", "f8bf8b48e56b5afe9654a8553593e4ed7bbb27f6"},
      {"SHA3-384", "2f9b578b93b8d75532735d325ea33cdb9a09d926"},
      {"SHA3-512", "8dd8232cf06148154ad2746ada29119345de42c8"},
      {"AES128CMAC", "f2feb6de34b1fe514a6a8dacdc9653f7"},
      {"AES", "f2feb6de34b1fe514a6a8dacdc9653f7"},
      {"AES-128", "f2feb6de34b1fe514a6a8dacdc9653f7"},
      {"BLAKE2s256", "0e2b51435c3d3da273f3baeba9b5a4cb8963c9b2"},
      {"BLAKE2b512", "4212e8e8bf1a4737800a523d4d7e892c4e66d060"},
      {"whirlpool", "b8a925c3e82edd57d805426930e52200c8466db8"},  // OpenSSL's legacy provider
      {"SM3", "8d241adf5acdc6a6ec9971968b25f6a6d7f53d0e"},
      {"SHA512-256", "98bfb34fec49ad373b491f04e0baac0085c1a468"},
      {"SHA512-224", "6244e20fba5877685d08a0100af1acdc08c84edd"},
      {"MD5-SHA1", "cec62ba5616ad7508b9681a379070ef4af2a3227"},
      {"rmd160", "2d54eede3e3970ea57a1355e0658b33a049a21f8"},
      {"RSA-SHA256", "4a6e70c5e02663ae373d5e08289183c6e576ecbe"},
      {"RSA-MD4", "87b34fb156697f7ae68c0a5b9285f198"},
  };

  for (const Row& row : rows) {
    EXPECT_EQ(mac(row.type, sample_secret(), sample_message()), row.digest) << row.type;
    std::string lower(row.type);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    EXPECT_EQ(mac(lower, sample_secret(), sample_message()), row.digest) << lower;
  }
}

TEST(Mac, OfHashesIsTheHashOfSecretAndMessageTogether) {
  struct Row {
    const char* type;
    const char* text;  ///< its first octet is the secret
    const char* digest;
  };
  const Row rows[] = {
      // RFC 1319, appendix A.5.
      {"MD2", "a", "32ec01ec4a6dac72c0ab96fb34c0b5d1"},
      {"MD2", "abc", "da853b0d3f88d99b30283a69e6ded6bb"},
      {"MD2", "message digest", "ab4f496bfb2a530b219ff33031fe06b0"},
      // RFC 1320, appendix A.5.
      {"MD4", "abc", "a448017aaf21d8525fc10ae87aa6729d"},
      {"MD4", "message digest", "d9130a8164549fe818874806e1c7014b"},
      // RFC 1321, appendix A.5.
      {"MD5", "a", "0cc175b9c0f1b6a831c399e269772661"},
      {"MD5", "abc", "900150983cd24fb0d6963f7d28e17f72"},
      {"MD5", "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
       "57edf4a22be3c955ac49da2e2107b67a"},
      // FIPS 180-4 examples.
      {"SHA1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {"SHA1", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
      {"SHA256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a3"},
      // The RIPEMD-160 page of its authors.
      {"RIPEMD160", "abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
      // ISO/IEC 10118-2's message, as OpenSSL's tests have it.
      {"MDC2", "Now is the time for all ", "42e50cd224baceba760bdd2bd409281a"},
  };

  for (const Row& row : rows) {
    const Bytes text = bytes_of(row.text);
    EXPECT_EQ(mac(row.type, text.first(1), text.subspan(1)), row.digest) << row.type << " " << row.text;
    // Where the secret ends makes no difference to a plain hash over both.
    EXPECT_EQ(mac(row.type, text, {}), row.digest) << row.type << " " << row.text;
  }
}

TEST(Mac, FillsUpTheLastBlockOfMdc2WithZeros) {
  // By plain Python over its DES: 55 octets, so that the last block has seven.
  EXPECT_EQ(mac("MDC2", Bytes(sample_secret()).first(7), sample_message()), "206551f96cc55cf5c4afeadfceff7d51");
}

TEST(Mac, OfAesIsTheCmacOfRfc4493) {
  const Octets key = from_hex("2b7e151628aed2a6abf7158809cf4f3c");
  const Octets message = from_hex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17"
      "ad2b"
      "417be66c3710");

  EXPECT_EQ(mac("AES128CMAC", key, {}), "bb1d6929e95937287fa37d129b756746");
  EXPECT_EQ(mac("AES128CMAC", key, Bytes(message).first(16)), "070a16b46b4d4144f79bdd9dd04a287c");
  EXPECT_EQ(mac("AES128CMAC", key, Bytes(message).first(40)), "dfa66747de9ae63030ca32611497c827");
  EXPECT_EQ(mac("AES128CMAC", key, message), "51f0bebf7e3b9d92fc49741779363cfe");
}

TEST(Mac, PadsOrCutsTheSecretOfAesTo16Octets) {
  // By Python's cryptography, with the key padded there.
  EXPECT_EQ(mac("AES128CMAC", Bytes(sample_secret()).first(5), sample_message()), "5efd2f0fb712c240a5069b27a9d68f64");
  EXPECT_EQ(mac("AES128CMAC", Bytes(sample_secret()).first(16), sample_message()),
            mac("AES128CMAC", sample_secret(), sample_message()));
}

TEST(Mac, NamesATypeByItsCanonicalName) {
  EXPECT_EQ(MacKey::make("m", sample_secret())->type(), "MD5");
  EXPECT_EQ(MacKey::make("sha", sample_secret())->type(), "SHA1");
  EXPECT_EQ(MacKey::make("aes-128-cmac", sample_secret())->type(), "AES128CMAC");
  EXPECT_EQ(MacKey::make("RIPEMD160", sample_secret())->type(), "RIPEMD160");
}

TEST(Mac, RefusesTypesAndSecretsThatGiveNoMac) {
  for (const char* type : {"", "MD6", "MD5 ", "NULL", "DES", "AES-256-CBC"}) {
    const auto key = MacKey::make(type, sample_secret());
    ASSERT_FALSE(key.has_value()) << type;
    EXPECT_NE(key.error().find(std::string("key type ") + type), std::string::npos) << key.error();
  }
  EXPECT_EQ(MacKey::make("MD5", {}).error(), "the secret is empty");
}

/// OpenSSL as an administrator can set it up: what has no approved implementation can't be fetched.
class FipsMode {
 public:
  FipsMode() { EVP_default_properties_enable_fips(nullptr, 1); }
  FipsMode(const FipsMode&) = delete;
  FipsMode& operator=(const FipsMode&) = delete;
  ~FipsMode() { EVP_default_properties_enable_fips(nullptr, 0); }
};

TEST(Mac, NamesTheTypesThatFipsModeRefuses) {
  const FipsMode mode;

  for (const char* type : {"MD5", "M", "MD2", "MD4", "MDC2", "RIPEMD160", "AES128CMAC", "BLAKE2s256", "whirlpool"}) {
    const auto key = MacKey::make(type, sample_secret());
    ASSERT_FALSE(key.has_value()) << type;
    EXPECT_NE(key.error().find(std::string("key type ") + type + " is refused by OpenSSL"), std::string::npos);
  }
  EXPECT_NE(MacKey::make("MD6", sample_secret()).error().find("is not known"), std::string::npos);
}

TEST(Mac, OfAesByOpensslIsTheSame) {
  const auto type = std::make_shared<const MacType>(
      MacType{.name = "AES128CMAC", .method = MacMethod::evp_cmac, .digest_length = 16});
  const MacKey key(type, sample_secret());
  MacWorkspace workspace;
  MacWorkspace::Digest digest{};

  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(workspace.sign(key, sample_message(), digest), 16U);
    EXPECT_EQ(to_hex(Bytes(digest).first(16)), mac("AES128CMAC", sample_secret(), sample_message()));
  }
}

TEST(Mac, IsNeverRightWhereTheLibraryFails) {
  // A hash that was not fetched stands for every failure of the library.
  const auto broken =
      std::make_shared<const MacType>(MacType{.name = "broken", .method = MacMethod::evp, .digest_length = 20});
  const MacKey key(broken, sample_secret());
  MacWorkspace workspace;
  MacWorkspace::Digest digest{};

  EXPECT_EQ(workspace.sign(key, sample_message(), digest), 0U);
  for (const std::size_t length : {0U, 16U, 20U})
    EXPECT_FALSE(workspace.verify(key, sample_message(), Bytes(digest).first(length)));
}

TEST(Mac, IsNeverRightWhereOpensslGivesLessThanItSaid) {
  const auto type = find_mac_type("BLAKE2s256").value();
  MacType longer = *type;
  longer.evp_hash = find_mac_type("SM3").value()->evp_hash;
  longer.digest_length = 20;
  MacType wrong = longer;
  wrong.evp_hash = std::shared_ptr<const EVP_MD>(EVP_md_null(), [](const EVP_MD*) {});
  MacWorkspace workspace;
  MacWorkspace::Digest digest{};

  EXPECT_EQ(workspace.sign(MacKey(std::make_shared<const MacType>(longer), sample_secret()), {}, digest), 20U);
  EXPECT_EQ(workspace.sign(MacKey(std::make_shared<const MacType>(wrong), sample_secret()), {}, digest), 0U);
}

TEST(Mac, VerifiesItsOwnDigestAndNoOtherLength) {
  for (const char* type : {"MD5", "SHA1", "AES128CMAC", "SHA512", "MD2", "BLAKE2b512"}) {
    const auto key = MacKey::make(type, sample_secret()).value();
    MacWorkspace workspace;
    MacWorkspace::Digest digest{};
    const std::size_t length = workspace.sign(key, sample_message(), digest);
    ASSERT_EQ(length, key.digest_length());

    EXPECT_TRUE(workspace.verify(key, sample_message(), Bytes(digest).first(length)));
    for (std::size_t other = 0; other <= digest.size(); ++other) {
      if (other == length) continue;
      EXPECT_FALSE(workspace.verify(key, sample_message(), Bytes(digest).first(other))) << other;
    }
  }
}

RC_GTEST_PROP(Mac, ChangesWithEveryBit, (std::vector<std::uint8_t> text)) {
  const char* const type = *rc::gen::element("MD5", "SHA1", "AES128CMAC", "SHA256", "MDC2", "SM3");
  const auto key = MacKey::make(type, sample_secret()).value();
  Octets message(48);
  std::ranges::copy_n(std::as_bytes(std::span(text)).begin(),
                      static_cast<std::ptrdiff_t>(std::min(text.size(), message.size())), message.begin());
  MacWorkspace workspace;
  MacWorkspace::Digest digest{};
  const std::size_t length = workspace.sign(key, message, digest);
  const Bytes sent = Bytes(digest).first(length);
  const auto bit = static_cast<std::byte>(1U << *rc::gen::inRange(0U, 8U));

  Octets other = message;
  other[*rc::gen::inRange<std::size_t>(0, other.size())] ^= bit;
  RC_ASSERT(workspace.verify(key, message, sent));
  RC_ASSERT(!workspace.verify(key, other, sent));
  digest[*rc::gen::inRange<std::size_t>(0, length)] ^= bit;
  RC_ASSERT(!workspace.verify(key, message, sent));
}

// MD5 and SHA-1 fill up short messages by themselves; where secret and message meet shows which way was taken.
RC_GTEST_PROP(Mac, OfMd5AndSha1IsOpensslsAtEveryLength, ()) {
  const auto secret = *rc::gen::container<std::vector<std::uint8_t>>(*rc::gen::inRange<std::size_t>(1, 65),
                                                                     rc::gen::arbitrary<std::uint8_t>());
  const auto message = *rc::gen::container<std::vector<std::uint8_t>>(*rc::gen::inRange<std::size_t>(0, 400),
                                                                      rc::gen::arbitrary<std::uint8_t>());
  std::vector<std::uint8_t> whole = secret;
  whole.insert(whole.end(), message.begin(), message.end());

  for (const auto& [name, hash] : {std::pair("MD5", EVP_md5()), std::pair("SHA1", EVP_sha1())}) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> expected{};
    unsigned length = 0;
    RC_ASSERT(EVP_Digest(whole.data(), whole.size(), expected.data(), &length, hash, nullptr) == 1);
    RC_ASSERT(mac(name, std::as_bytes(std::span(secret)), std::as_bytes(std::span(message))) ==
              to_hex(std::as_bytes(std::span(expected).first(length))));
  }
}

TEST(MacWorkspace, KeepsApartMoreAesKeysThanItHasSchedules) {
  constexpr std::size_t kKeys = 200;
  std::vector<MacKey> keys;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < kKeys; ++i) {
    const std::string secret = "secret " + std::to_string(i);
    keys.push_back(MacKey::make("AES128CMAC", bytes_of(secret)).value());
    expected.push_back(mac("AES128CMAC", bytes_of(secret), sample_message()));
  }
  MacWorkspace workspace;
  MacWorkspace::Digest digest{};

  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < kKeys; ++i) {
      ASSERT_EQ(workspace.sign(keys[i], sample_message(), digest), 16U);
      ASSERT_EQ(to_hex(Bytes(digest).first(16)), expected[i]);
    }
}

TEST(MacWorkspace, ForgetsAnAesKeyWhoseMemoryAnotherTakes) {
  MacWorkspace workspace;
  MacWorkspace::Digest digest{};

  for (int i = 0; i < 1000; ++i) {
    const std::string secret = "secret " + std::to_string(i);
    // The heap gives the same place to one after the other.
    const MacKey key = MacKey::make("AES128CMAC", bytes_of(secret)).value();
    ASSERT_EQ(workspace.sign(key, sample_message(), digest), 16U);
    ASSERT_EQ(to_hex(Bytes(digest).first(16)), mac("AES128CMAC", bytes_of(secret), sample_message()));
  }
}

TEST(MacKey, IsTheSameIfTypeAndSecretAre) {
  const auto key = [](std::string_view type, std::string_view secret) {
    return MacKey::make(type, bytes_of(secret)).value();
  };
  const MacKey sha1 = key("SHA1", "correct horse");

  EXPECT_TRUE(sha1 == sha1);
  EXPECT_TRUE(sha1 == key("sha", "correct horse")) << "another name of the type";
  EXPECT_FALSE(sha1 == key("MD5", "correct horse")) << "another type";
  EXPECT_FALSE(sha1 == key("SHA1", "correct horsf"));
  EXPECT_FALSE(sha1 == key("SHA1", "correct hors")) << "a shorter secret";
  EXPECT_FALSE(sha1 == key("SHA1", "correct horses")) << "a longer secret";
}

TEST(MacWorkspace, TakesOneTypeAfterTheOther) {
  MacWorkspace workspace;
  MacWorkspace::Digest digest{};
  std::vector<std::pair<MacKey, std::string>> keys;
  for (const char* type : {"SHA512", "MD5", "MD2", "AES128CMAC", "SHA3-512", "SHA1", "BLAKE2s256", "MDC2", "whirlpool"})
    keys.emplace_back(MacKey::make(type, sample_secret()).value(), mac(type, sample_secret(), sample_message()));

  for (int round = 0; round < 3; ++round)
    for (const auto& [key, expected] : keys) {
      const std::size_t length = workspace.sign(key, sample_message(), digest);
      EXPECT_EQ(to_hex(Bytes(digest).first(length)), expected) << key.type();
    }
}

}  // namespace
}  // namespace ntp::crypto
