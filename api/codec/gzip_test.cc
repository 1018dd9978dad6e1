#include "api/codec/gzip.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

std::string Noise(size_t size) {
  std::string noise(size, '\0');
  uint64_t state = 1;
  for (char& c : noise) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    c = static_cast<char>(state >> 56);
  }
  return noise;
}

TEST(GzipTest, WhatWasPackedIsUnpacked) {
  for (const std::string& plain :
       {std::string(), std::string("hello"), std::string(10'000'000, 'x'), Noise(3'000'000)}) {
    const absl::StatusOr<std::string> unpacked = Gunzip(Gzip(plain), plain.size());
    ASSERT_TRUE(unpacked.ok()) << unpacked.status();
    EXPECT_TRUE(*unpacked == plain) << plain.size();
  }
}

TEST(GzipTest, MembersFollowEachOther) {
  const absl::StatusOr<std::string> unpacked = Gunzip(Gzip("one ") + Gzip("") + Gzip("two"), 100);
  ASSERT_TRUE(unpacked.ok()) << unpacked.status();
  EXPECT_EQ(*unpacked, "one two");
}

TEST(GzipTest, OutputIsBounded) {
  const std::string bomb = Gzip(std::string(1'000'000, 'x'));
  EXPECT_TRUE(Gunzip(bomb, 1'000'000).ok());
  EXPECT_EQ(Gunzip(bomb, 999'999).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Gunzip(bomb, 0).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Gunzip(Gzip("aa") + Gzip("bb"), 3).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_LE(Gunzip(bomb, 1'000'000)->capacity(), 1'000'000);
}

// A gzip member ends in its length: what it claims does not matter before it is wrong.
TEST(GzipTest, ClaimedLengthIsNotBelieved) {
  std::string lies = Gzip("hello");
  lies.replace(lies.size() - 4, 4, "\xFF\xFF\xFF\x7F");
  EXPECT_EQ(Gunzip(lies, 1'000'000).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(GzipTest, EveryTruncationIsRefused) {
  const std::string packed = Gzip("some text that is long enough to have a body, a body, a body");
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(Gunzip(packed.substr(0, size), 1'000).status().code(), absl::StatusCode::kInvalidArgument) << size;
  }
}

TEST(GzipTest, DamageAndGarbageAreRefused) {
  const std::string packed = Gzip("some text");
  std::string damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // its checksum
  for (const std::string& input : {damaged, packed + "x", packed + std::string(1, '\0'), std::string("plain text"),
                                   std::string("\x1f\x8b"), std::string("\x1f\x8b\x07 not deflate")}) {
    EXPECT_EQ(Gunzip(input, 1'000).status().code(), absl::StatusCode::kInvalidArgument) << input;
  }
}

}  // namespace
}  // namespace firebreak
