// SPDX-License-Identifier: BSD-2-Clause
//
// Replies to a source that is asked with a key: what counts, and that nothing else leaves a trace. The tests named Cve...
// are rows of the history of attacks on NTP's authentication.
#include "engine/authentication.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/exchange_test_kit.h"

namespace ntp::engine {
namespace {

using test::address;
using test::encoded;
using test::is_same_state;
using test::key;
using test::Octets;
using test::ring;
using test::with_mac;
using test::with_nak;

constexpr std::uint32_t kKey = 5;
constexpr std::uint32_t kOtherKey = 6;

/// A source that was asked with key 5. Key 6 is trusted as well, key 7 is not.
class Keyed : public test::Asked {
 public:
  explicit Keyed(std::vector<policy::KeyAddress> addresses = {})
      : Asked(kKey, ring(key(kKey, "SHA1", "a secret", std::move(addresses)), key(kOtherKey, "SHA1", "another"),
                         untrusted(key(7)), key(8, "MD5", "a secret"))) {}
  [[nodiscard]] Octets signed_answer() const { return with_mac(encoded(answer()), key_of(kKey)); }

 private:
  static policy::Key untrusted(policy::Key key) {
    key.is_trusted = false;
    return key;
  }
};

/// The packet is refused and counted, no state changes, and the true reply still counts afterwards.
void expect_refused(test::Asked& asked, const Octets& packet, ReplyKind kind, const std::string& what) {
  SCOPED_TRACE(what);
  const Association before = asked.a;

  EXPECT_EQ(asked.take(packet).kind, kind);

  EXPECT_TRUE(is_same_state(asked.a, before));
  const bool is_about_keys = kind == ReplyKind::bad_auth || kind == ReplyKind::crypto_nak;
  EXPECT_EQ(asked.a.counters.received, before.counters.received + 1);
  EXPECT_EQ(asked.a.counters.bad_auth, before.counters.bad_auth + (is_about_keys ? 1U : 0U));
  if (is_about_keys) {
    EXPECT_EQ(asked.a.counters.last_refused, kPacketAuth);
  }
  const Octets true_reply = asked.a.settings.key_id == 0
                                ? encoded(asked.answer())
                                : with_mac(encoded(asked.answer()), asked.key_of(asked.a.settings.key_id));
  Association again = asked.a;
  std::swap(again, asked.a);
  EXPECT_EQ(asked.take(true_reply).kind, ReplyKind::sample) << "the request is still outstanding";
  asked.a = again;
}

Octets cut(Octets octets, std::size_t fewer) {
  octets.resize(octets.size() - fewer);
  return octets;
}

wire::Header kiss(wire::Header header, wire::Refid code) {
  header.leap = wire::Leap::unsynchronized;
  header.stratum = 0;
  header.refid = code;
  return header;
}

TEST(SignedRequest, BearsTheMacOfTheSourcesKey) {
  const Keyed asked;

  ASSERT_EQ(asked.sent.length, wire::kHeaderLength + wire::kLongMacLength);
  const Octets header(asked.sent.octets.begin(), asked.sent.octets.begin() + wire::kHeaderLength);
  const Octets expected = with_mac(header, asked.key_of(kKey));
  EXPECT_EQ(Octets(asked.sent.payload().begin(), asked.sent.payload().end()), expected);
}

TEST(SignedRequest, IsNotSentWithoutItsKey) {
  test::Asked asked;
  asked.a.settings.key_id = kKey;
  Effects out;

  EXPECT_FALSE(send_request(asked.a, asked.context(), asked.random, out));

  EXPECT_TRUE(out.empty());
  EXPECT_FALSE(asked.a.request.is_outstanding);
}

TEST(KeyOfASource, IsUsableOnlyIfItIsThereTrustedAndForThisAddress) {
  const auto state = [](std::uint32_t id, const Keyed& asked) {
    Association a = asked.a;
    a.settings.key_id = id;
    const auto keys = ring(key(kKey), key(9, "MD5", "x", {{address(2), 32}}));
    return key_state(a, keys.get());
  };
  const Keyed asked;
  Association a = asked.a;
  const policy::KeyRing* no_keys = nullptr;

  EXPECT_EQ(state(0, asked), KeyState::none);
  EXPECT_EQ(state(kKey, asked), KeyState::usable);
  EXPECT_EQ(state(44, asked), KeyState::missing);
  EXPECT_EQ(state(9, asked), KeyState::foreign);
  EXPECT_EQ(key_state(a, no_keys), KeyState::missing);
  policy::Key untrusted = key(kKey);
  untrusted.is_trusted = false;
  EXPECT_EQ(key_state(a, ring(std::move(untrusted)).get()), KeyState::untrusted);
}

TEST(SignedReply, BecomesASampleAndIsKnownToBeAuthentic) {
  Keyed asked;

  const Reply reply = asked.take(asked.signed_answer());

  EXPECT_EQ(reply.kind, ReplyKind::sample);
  EXPECT_TRUE(asked.a.peer.is_authenticated);
  EXPECT_EQ(asked.a.counters.bad_auth, 0U);
}

TEST(SignedReply, OfEveryDigestLengthCounts) {
  for (const char* type : {"MD5", "SHA1", "AES128CMAC"}) {
    test::Asked asked(kKey, ring(key(kKey, type)));

    EXPECT_EQ(asked.take(with_mac(encoded(asked.answer()), asked.key_of(kKey))).kind, ReplyKind::sample) << type;
  }
}

TEST(SignedReply, MayHaveExtensionFieldsThatTheMacCovers) {
  Keyed asked;
  Octets fields = encoded(asked.answer());
  fields.resize(fields.size() + 28);
  store_big_endian(MutableBytes(fields), wire::kHeaderLength, std::uint32_t{0xf0f0'001c});
  Octets forged = with_mac(fields, asked.key_of(kKey));
  forged[60] ^= std::byte{1};

  expect_refused(asked, forged, ReplyKind::bad_auth, "a field was changed");
  EXPECT_EQ(asked.take(with_mac(fields, asked.key_of(kKey))).kind, ReplyKind::sample);
}

TEST(UnkeyedSource, CountsAReplyWithAMacAsTheUnauthenticatedOneThatItIs) {
  test::Asked asked(0, ring(key(kKey)));

  EXPECT_EQ(asked.take(with_mac(encoded(asked.answer()), asked.key_of(kKey))).kind, ReplyKind::sample);
  EXPECT_FALSE(asked.a.peer.is_authenticated);
}

TEST(UnkeyedSource, IgnoresACryptoNak) {
  test::Asked asked;

  expect_refused(asked, with_nak(encoded(asked.answer())), ReplyKind::bogus, "NAK with our origin");
}

TEST(ForgedReply, Cve2015_1798_WithoutAMacOrWithOneOfAnotherShapeChangesNothing) {
  Keyed asked;
  const Octets plain = encoded(asked.answer());
  const Octets right = asked.signed_answer();
  Octets tail_of_20 = cut(right, 4);
  Octets tail_of_36 = right;
  tail_of_36.resize(48 + 36);

  expect_refused(asked, plain, ReplyKind::bad_auth, "no MAC");
  expect_refused(asked, tail_of_20, ReplyKind::bad_auth, "16 octets of a digest that has 20");
  expect_refused(asked, with_mac(plain, asked.key_of(8)), ReplyKind::bad_auth, "a valid MAC of another type and key");
  expect_refused(asked, tail_of_36, ReplyKind::malformed, "a MAC that is too long");
  expect_refused(asked, cut(right, 8), ReplyKind::malformed, "12 octets of a digest");
  expect_refused(asked, cut(right, 20), ReplyKind::crypto_nak, "no digest: a NAK, though with a key's number");

  test::Asked short_key(kKey, ring(key(kKey, "MD5")));
  Octets padded = with_mac(encoded(short_key.answer()), short_key.key_of(kKey));
  padded.resize(padded.size() + 4);
  expect_refused(short_key, padded, ReplyKind::bad_auth, "a digest of 16 with 4 octets more");
}

TEST(ForgedReply, EachOctetOfHeaderKeyNumberAndDigestIsProven) {
  Keyed asked;
  const Octets right = asked.signed_answer();

  for (std::size_t i = 0; i < right.size(); ++i) {
    // Mode and version are judged before; they are proven too, but no version 4 packet of mode 4 differs there.
    if (i == 0) continue;
    Octets wrong = right;
    wrong[i] ^= std::byte{0x40};
    expect_refused(asked, wrong, ReplyKind::bad_auth, "octet " + std::to_string(i));
  }
}

TEST(ForgedReply, Cve2015_7974_AValidMacOfAnotherTrustedKeyChangesNothing) {
  Keyed asked;
  Octets renamed = with_mac(encoded(asked.answer()), asked.key_of(kOtherKey));

  expect_refused(asked, renamed, ReplyKind::bad_auth, "another server's key");
  store_big_endian(MutableBytes(renamed), wire::kHeaderLength, kKey);
  expect_refused(asked, renamed, ReplyKind::bad_auth, "its digest under our key's number");
  expect_refused(asked, with_mac(encoded(asked.answer()), asked.key_of(7)), ReplyKind::bad_auth, "an untrusted key");
}

TEST(ForgedReply, Cve2016_1567_AKeyOfOtherAddressesProvesNothing) {
  Keyed asked({{address(1), 32}});
  const Octets right = asked.signed_answer();
  asked.a.remote.address = address(2);

  // The server that may use the key signs for one that may not.
  const Association before = asked.a;
  EXPECT_EQ(asked.take(right).kind, ReplyKind::bad_auth);
  EXPECT_TRUE(is_same_state(asked.a, before));

  asked.a.remote.address = address(1);
  EXPECT_EQ(asked.take(right).kind, ReplyKind::sample);
}

TEST(ForgedReply, Cve2016_1547_CryptoNaksDemobiliseAndClearNothing) {
  Keyed asked;
  wire::Header foreign = asked.answer();
  foreign.origin = foreign.origin + Span::from_units(1);
  wire::Header zero = asked.answer();
  zero.origin = {};

  for (int i = 0; i < 100; ++i) {
    expect_refused(asked, with_nak(encoded(asked.answer())), ReplyKind::crypto_nak, "NAK to our request");
    expect_refused(asked, with_nak(encoded(foreign)), ReplyKind::bogus, "NAK to another's");
    expect_refused(asked, with_nak(encoded(zero)), ReplyKind::bogus, "NAK to nobody's");
  }
  EXPECT_EQ(asked.a.counters.bad_auth, 100U);
}

TEST(ForgedReply, Cve2016_4953_AWrongMacFromTheRightAddressDemobilisesNothing) {
  Keyed asked;
  Octets wrong = asked.signed_answer();
  wrong.back() ^= std::byte{1};

  for (int i = 0; i < 100; ++i) expect_refused(asked, wrong, ReplyKind::bad_auth, "wrong MAC");
}

TEST(ForgedReply, Cve2016_4955_APacketWithoutOurOriginClearsNothing) {
  Keyed asked;
  asked.take(asked.signed_answer());
  asked.ask();
  asked.leave({});
  wire::Header spoofed = kiss(asked.answer(), wire::kRefidInit);
  spoofed.origin = {};

  expect_refused(asked, encoded(spoofed), ReplyKind::bad_auth, "unauthenticated");
  expect_refused(asked, with_mac(encoded(spoofed), asked.key_of(kKey)), ReplyKind::bogus, "authenticated");
}

TEST(ForgedReply, Cve2015_1799_NoTimeStampIsKeptBeforeTheMacHasPassed) {
  Keyed asked;
  const std::vector<std::function<void(wire::Header&)>> spoofs = {
      [](wire::Header& h) { h.origin = {}; },
      [](wire::Header& h) { h.receive = h.transmit = h.origin; },
      [](wire::Header& h) { h.transmit = {}; },
      [](wire::Header& h) { h.origin = h.transmit; },
      [](wire::Header& h) { h.leap = wire::Leap::insert; },
      [](wire::Header&) {},
  };

  for (const auto& spoof : spoofs) {
    wire::Header header = asked.answer();
    spoof(header);
    expect_refused(asked, encoded(header), ReplyKind::bad_auth, "without a MAC");
    expect_refused(asked, with_mac(encoded(header), asked.key_of(kOtherKey)), ReplyKind::bad_auth, "another's MAC");
  }
}

TEST(ForgedReply, Cve2018_7185_AZeroOriginResetsNothing) {
  Keyed asked;
  wire::Header header = asked.answer();
  header.origin = {};

  expect_refused(asked, with_mac(encoded(header), asked.key_of(kKey)), ReplyKind::bogus, "even if it is authentic");
  asked.a.request = {};
  const Association before = asked.a;
  EXPECT_EQ(asked.take(with_mac(encoded(header), asked.key_of(kKey))).kind, ReplyKind::bogus) << "nothing was asked";
  EXPECT_TRUE(is_same_state(asked.a, before));
}

TEST(ForgedReply, Cve2018_7184_TheStampsOfARefusedPacketDontMakeTheTrueReplyADuplicate) {
  Keyed asked;
  const wire::Header truth = asked.answer();
  wire::Header early = truth;
  early.origin = {};

  // A zero origin, and the very receive and transmit stamps that the true reply is going to have.
  EXPECT_EQ(asked.take(with_mac(encoded(early), asked.key_of(kKey))).kind, ReplyKind::bogus);
  EXPECT_EQ(asked.take(encoded(truth)).kind, ReplyKind::bad_auth);

  EXPECT_EQ(asked.take(with_mac(encoded(truth), asked.key_of(kKey))).kind, ReplyKind::sample);
}

TEST(ForgedReply, Cve2016_7431_AnOriginOfZeroIsRefusedOnceTheReplyHasCome) {
  test::Asked asked;
  ASSERT_EQ(asked.take(asked.answer()).kind, ReplyKind::sample);
  wire::Header header = asked.answer();
  header.origin = {};
  header.receive = header.transmit = test::real(1.5);
  const Association before = asked.a;

  EXPECT_EQ(asked.take(header).kind, ReplyKind::bogus) << "what is remembered as asked may be zero by now";

  EXPECT_TRUE(is_same_state(asked.a, before));
}

TEST(ForgedReply, Cve2016_9042_TheExpectedOriginOutlivesAnyForgedOne) {
  test::Asked asked;
  const Timestamp expected = asked.a.request.transmit;
  for (const Timestamp forged : {Timestamp(), Timestamp::from_bits(1), expected + Span::from_units(1), test::real(0)}) {
    wire::Header header = asked.answer();
    header.origin = forged;
    expect_refused(asked, encoded(header), ReplyKind::bogus, "the true reply counts after it");
    EXPECT_EQ(asked.a.request.transmit, expected);
  }
}

TEST(ForgedReply, Cve2015_8138_AnOriginOfZeroNeverAnswersUs) {
  for (const bool is_outstanding : {true, false}) {
    test::Asked asked;
    if (!is_outstanding) asked.a.request = {};
    wire::Header header = asked.answer();
    header.origin = {};
    const Association before = asked.a;

    EXPECT_EQ(asked.take(header).kind, ReplyKind::bogus) << is_outstanding;

    EXPECT_TRUE(is_same_state(asked.a, before));
  }
}

TEST(ForgedReply, Cve2014_9296_AFailedMacEndsTheJudgementOfAPacketThatIsGoodOtherwise) {
  Keyed asked;
  Octets wrong = asked.signed_answer();
  wrong.back() ^= std::byte{1};

  const Reply reply = asked.take(wrong);

  EXPECT_EQ(reply.kind, ReplyKind::bad_auth);
  EXPECT_EQ(reply.sample.delay_s, 0) << "nothing was measured";
  EXPECT_FALSE(asked.a.peer.is_authenticated);
}

TEST(ReplayedReply, Cve2015_7973_CountsOnceThoughItsMacIsRight) {
  Keyed asked;
  const Octets first = asked.signed_answer();
  EXPECT_EQ(asked.take(first).kind, ReplyKind::sample);

  const Association before = asked.a;
  EXPECT_EQ(asked.take(first).kind, ReplyKind::duplicate) << "at once";
  EXPECT_TRUE(is_same_state(asked.a, before));

  asked.ask();
  asked.leave({});
  expect_refused(asked, first, ReplyKind::duplicate, "when the next request is outstanding");
  wire::Header broadcast = asked.answer();
  broadcast.mode = wire::Mode::broadcast;
  expect_refused(asked, with_mac(encoded(broadcast), asked.key_of(kKey)), ReplyKind::malformed, "as a broadcast");
  EXPECT_EQ(asked.a.counters.bad_auth, 0U);
}

TEST(UnfitReply, Cve2016_4954_LeavesNoLeapSecondBehind) {
  const std::vector<std::pair<const char*, std::function<void(wire::Header&)>>> failing = {
      {"stratum 16", [](wire::Header& h) { h.stratum = 16; }},
      {"stratum 0", [](wire::Header& h) { h.stratum = 0; }},
      {"no receive stamp", [](wire::Header& h) { h.receive = {}; }},
      {"a root beyond all bounds", [](wire::Header& h) { h.root_delay = ShortTime::from_seconds(40); }},
      {"a reference after the transmit stamp",
       [](wire::Header& h) { h.reference = h.transmit + Span::from_seconds(9); }},
      {"an absurd delay", [](wire::Header& h) { h.transmit = h.receive + Span::from_seconds(60); }},
  };
  for (const auto& [what, fail] : failing) {
    test::Asked asked;
    asked.take(asked.answer());
    asked.ask();
    asked.leave({});
    wire::Header header = asked.answer();
    header.leap = wire::Leap::insert;
    header.root_dispersion = ShortTime::from_seconds(0.75);
    fail(header);

    EXPECT_EQ(asked.take(header).kind, ReplyKind::unfit) << what;

    EXPECT_NE(asked.a.peer.leap, wire::Leap::insert) << what;
    EXPECT_EQ(asked.a.peer.root_delay_s, asked.answer().root_delay.seconds()) << what;
    EXPECT_EQ(asked.a.peer.root_dispersion_s, asked.answer().root_dispersion.seconds()) << what;
    const bool says_it_has_no_time = header.stratum != 2;
    EXPECT_EQ(asked.a.peer.stratum, says_it_has_no_time ? 16 : 2) << what;
  }
}

TEST(Kiss, Cve2015_7704_WithoutOurOriginIsIgnored) {
  for (const auto code : {wire::kKissDeny, wire::kKissRestrict, wire::kKissRate}) {
    test::Asked asked;
    wire::Header header = kiss(asked.answer(), code);
    header.origin = header.origin + Span::from_units(-1);
    expect_refused(asked, encoded(header), ReplyKind::bogus, "a foreign origin");
    header.origin = {};
    expect_refused(asked, encoded(header), ReplyKind::bogus, "no origin");
  }
}

TEST(Kiss, ToASourceWithAKeyMustBearItsMac) {
  for (const auto code : {wire::kKissDeny, wire::kKissRestrict, wire::kKissRate}) {
    Keyed asked;
    const Octets plain = encoded(kiss(asked.answer(), code));

    expect_refused(asked, plain, ReplyKind::bad_auth, "without a MAC");
    expect_refused(asked, with_mac(plain, asked.key_of(kOtherKey)), ReplyKind::bad_auth, "with another's");
    EXPECT_EQ(asked.take(with_mac(plain, asked.key_of(kKey))).kind, ReplyKind::kiss);
  }
}

RC_GTEST_PROP(ForgedReply, WithoutTheKeyNothingButCountersChangesWhateverItsOctets,
              (std::vector<std::uint8_t> octets, bool is_origin_ours, bool is_key_number_ours, std::uint8_t tail)) {
  Keyed asked;
  constexpr std::size_t kTails[] = {0, 4, 20, 24, 28, 52};
  octets.resize(wire::kHeaderLength + kTails[tail % 6]);
  octets[0] = static_cast<std::uint8_t>((octets[0] & 0xc0U) | 0x24U);
  Octets packet(octets.size());
  std::transform(octets.begin(), octets.end(), packet.begin(), [](std::uint8_t octet) { return std::byte{octet}; });
  if (is_origin_ours) store_big_endian<std::uint64_t>(packet, 24, asked.a.request.transmit.bits());
  if (is_key_number_ours && packet.size() > 52) store_big_endian(MutableBytes(packet), 48, kKey);
  const Association before = asked.a;

  const Reply reply = asked.take(packet);

  RC_ASSERT(reply.kind <= ReplyKind::crypto_nak);
  RC_ASSERT(is_same_state(asked.a, before));
}

}  // namespace
}  // namespace ntp::engine
