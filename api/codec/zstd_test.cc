#include "api/codec/zstd.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "api/codec/zstd_stream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using testing::HasSubstr;

std::string Noise(size_t size) {
  std::string noise(size, '\0');
  uint64_t state = 1;
  for (char& c : noise) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    c = static_cast<char>(state >> 56);
  }
  return noise;
}

// What can be unpacked, and how it ended.
struct Unpacked {
  std::string text;
  bool whole = false;
  absl::Status status;
};

Unpacked Unpack(std::string_view packed, size_t piece = 1 << 16) {
  Unpacked result;
  UnzstdStream stream;
  std::vector<char> buffer(piece);
  std::string_view offered;
  while (!packed.empty() || !offered.empty() || stream.has_output()) {
    if (offered.empty()) {
      offered = packed.substr(0, piece);
      packed.remove_prefix(offered.size());
    }
    const absl::StatusOr<size_t> got = stream.Read(offered, buffer.data(), buffer.size());
    result.status = got.status();
    if (!got.ok()) return result;
    result.text.append(buffer.data(), *got);
  }
  result.whole = stream.between_members();
  return result;
}

// A writer whose packed text is kept.
struct KeptWriter {
  std::string packed;
  ZstdWriter writer = ZstdWriter([this](std::string_view piece) {
    packed += piece;
    return absl::OkStatus();
  });
};

TEST(ZstdTest, WhatWasPackedIsUnpackedInPiecesOfAnySize) {
  for (const std::string& plain : {std::string(), std::string("hello"), std::string(3'000'000, 'x'), Noise(700'000)}) {
    for (size_t piece : {1, 7, 1 << 10, 1 << 20}) {
      if (piece < 10 && plain.size() > 1'000'000) continue;
      const Unpacked unpacked = Unpack(Zstd(plain), piece);
      ASSERT_TRUE(unpacked.status.ok()) << unpacked.status;
      EXPECT_TRUE(unpacked.whole);
      EXPECT_TRUE(unpacked.text == plain) << plain.size() << " in pieces of " << piece;
    }
  }
}

TEST(ZstdTest, FramesFollowEachOther) {
  EXPECT_EQ(Unpack(Zstd("one ") + Zstd("") + Zstd("two")).text, "one two");
  const std::string skippable("\x51\x2a\x4d\x18\x03\0\0\0abc", 11);
  EXPECT_EQ(Unpack(skippable + Zstd("text")).text, "text");
  EXPECT_TRUE(UnzstdStream::Recognizes(skippable));
}

TEST(ZstdTest, FlushedTextIsReadableThoughTheFrameGoesOn) {
  KeptWriter kept;
  ASSERT_TRUE(kept.writer.Append("first\n").ok());
  ASSERT_TRUE(kept.writer.Flush().ok());
  EXPECT_EQ(Unpack(kept.packed).text, "first\n");
  EXPECT_FALSE(Unpack(kept.packed).whole);
  ASSERT_TRUE(kept.writer.Append("second\n").ok());
  EXPECT_EQ(Unpack(kept.packed).text, "first\n") << "not flushed yet";
  ASSERT_TRUE(kept.writer.EndFrame().ok());
  EXPECT_EQ(Unpack(kept.packed).text, "first\nsecond\n");
  EXPECT_TRUE(Unpack(kept.packed).whole);
  ASSERT_TRUE(kept.writer.Append("third\n").ok());
  ASSERT_TRUE(kept.writer.EndFrame().ok());
  EXPECT_EQ(Unpack(kept.packed).text, "first\nsecond\nthird\n");
}

TEST(ZstdTest, NothingAppendedIsNothingWritten) {
  KeptWriter kept;
  EXPECT_TRUE(kept.writer.Flush().ok());
  EXPECT_TRUE(kept.writer.EndFrame().ok());
  EXPECT_EQ(kept.packed, "");
}

TEST(ZstdTest, TheFirstErrorOfTheSinkStays) {
  int calls = 0;
  ZstdWriter writer([&calls](std::string_view) {
    ++calls;
    return absl::ResourceExhaustedError("the disk is full");
  });
  EXPECT_TRUE(writer.Append("small").ok()) << "held back until the flush";
  EXPECT_EQ(writer.Flush().message(), "the disk is full");
  EXPECT_EQ(writer.Append("more").message(), "the disk is full");
  EXPECT_EQ(writer.Flush().message(), "the disk is full");
  EXPECT_EQ(writer.EndFrame().message(), "the disk is full");
  EXPECT_EQ(calls, 1);
}

TEST(ZstdTest, EveryTruncationIsSeen) {
  const std::string packed = Zstd("some text that is long enough to have a body, a body, a body");
  for (size_t size = 1; size < packed.size(); ++size) {
    const Unpacked unpacked = Unpack(packed.substr(0, size));
    EXPECT_TRUE(unpacked.status.ok()) << unpacked.status;
    EXPECT_FALSE(unpacked.whole) << size;
  }
}

TEST(ZstdTest, BlocksBeforeTheDamageAreGood) {
  KeptWriter kept;
  std::vector<size_t> ends;
  std::string plain;
  for (int i = 0; i < 10; ++i) {
    plain += std::to_string(i) + Noise(1'000);
    ASSERT_TRUE(kept.writer.Append(std::to_string(i) + Noise(1'000)).ok());
    ASSERT_TRUE(kept.writer.Flush().ok());
    ends.push_back(kept.packed.size());
  }
  std::string damaged = kept.packed;
  damaged[ends[4]] = '\xff';  // the header of the sixth block
  damaged[ends[4] + 1] = '\xff';
  damaged[ends[4] + 2] = '\xff';
  const Unpacked unpacked = Unpack(damaged);
  EXPECT_EQ(unpacked.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(unpacked.text, plain.substr(0, plain.find("5" + Noise(10))));
}

TEST(ZstdTest, ChecksumAndGarbageAreSeen) {
  std::string damaged = Zstd("some text");
  damaged.back() ^= 1;
  for (const std::string& input : {damaged, Zstd("text") + "garbage", std::string("plain text")}) {
    EXPECT_EQ(Unpack(input).status.code(), absl::StatusCode::kInvalidArgument) << input;
  }
}

// The window is claimed in the frame's header: 2^27 bytes is the most that is believed.
TEST(ZstdTest, MemoryIsBounded) {
  const auto frame_with_window = [](int log) {
    return std::string("\x28\xb5\x2f\xfd\x00", 5) + static_cast<char>((log - 10) << 3) + std::string("\x01\0\0", 3);
  };
  EXPECT_TRUE(Unpack(frame_with_window(27)).status.ok()) << Unpack(frame_with_window(27)).status;
  const Unpacked refused = Unpack(frame_with_window(28));
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.status.message(), HasSubstr("more than 128 MiB"));
}

TEST(ZstdTest, FourBytesTellZstd) {
  EXPECT_TRUE(UnzstdStream::Recognizes(Zstd("")));
  EXPECT_TRUE(UnzstdStream::Recognizes(Zstd("").substr(0, 4)));
  EXPECT_FALSE(UnzstdStream::Recognizes(Zstd("").substr(0, 3)));
  EXPECT_FALSE(UnzstdStream::Recognizes("{\"ts\":1}"));
}

}  // namespace
}  // namespace firebreak
