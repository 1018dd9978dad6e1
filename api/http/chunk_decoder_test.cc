#include "api/http/chunk_decoder.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

constexpr int64_t kLimit = 20;

struct Outcome {
  std::string body;
  size_t used = 0;
  bool done = false;
  std::optional<RefusalReason> refused;
};

// Feeds `text` in pieces of `piece` bytes.
Outcome Decode(std::string_view text, size_t piece) {
  ChunkDecoder decoder(kLimit);
  Outcome outcome;
  while (outcome.used < text.size()) {
    const size_t used = decoder.Consume(text.substr(outcome.used, piece), outcome.body);
    if (used == 0) break;
    outcome.used += used;
  }
  outcome.done = decoder.done();
  if (decoder.refusal()) outcome.refused = decoder.refusal()->reason;
  return outcome;
}

TEST(ChunkDecoderTest, DecodesWhateverThePieces) {
  struct Row {
    std::string_view text;
    std::string_view body;
  };
  const Row rows[] = {
      {"0\r\n\r\n", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n", "hello world"},
      {"0a;name=value\r\n0123456789\r\nA\r\n0123456789\r\n0;last\r\n\r\n", "01234567890123456789"},
      {"1\r\na\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", "a"},
      {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n"},
  };
  for (const Row& row : rows) {
    for (size_t piece : {1, 2, 3, 1000}) {
      const Outcome outcome = Decode(row.text, piece);
      EXPECT_TRUE(outcome.done) << row.text;
      EXPECT_EQ(outcome.body, row.body) << row.text;
      EXPECT_EQ(outcome.used, row.text.size()) << row.text;
    }
  }
}

TEST(ChunkDecoderTest, LeavesWhatFollows) {
  const std::string_view body = "1\r\na\r\n0\r\n\r\n";
  EXPECT_EQ(Decode(std::string(body) + "GET /", 1000).used, body.size());
}

TEST(ChunkDecoderTest, RefusesEverythingLoose) {
  for (std::string_view text :
       {"\r\n", "g\r\n", "-1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1\n", "1\ra", "1\r\nab", "1\r\na\n", "1\r\na\rb",
        ";x\r\n", "1;\x01\r\n", "0\r\n\n", "0\r\nA: b\n", "0\r\n\r\r", "0\r\nA\x01", "+1\r\n"}) {
    for (size_t piece : {1, 1000}) {
      EXPECT_EQ(Decode(text, piece).refused, RefusalReason::kBadFraming) << text;
    }
  }
}

TEST(ChunkDecoderTest, RefusesABodyAboveTheLimitByItsClaimAlone) {
  const std::string filled = "14\r\n01234567890123456789\r\n";  // 20 bytes
  EXPECT_TRUE(Decode(filled + "0\r\n\r\n", 1000).done);
  EXPECT_EQ(Decode(filled + "1", 1000).refused, RefusalReason::kBodyTooLarge);
  EXPECT_EQ(Decode("15", 1000).refused, RefusalReason::kBodyTooLarge);
  EXPECT_EQ(Decode("ffffffffffffffffffffffff\r\n", 1000).refused, RefusalReason::kBodyTooLarge);
}

TEST(ChunkDecoderTest, BoundsSizeLinesAndTrailers) {
  const std::string extension(ChunkDecoder::kMaxSizeLineBytes - 3, 'x');  // with "1;" and CR: exactly the limit
  EXPECT_FALSE(Decode("1;" + extension + "\r\na", 1000).refused);
  EXPECT_EQ(Decode("1;x" + extension + "\r\na", 1000).refused, RefusalReason::kBadFraming);
  EXPECT_EQ(Decode(std::string(ChunkDecoder::kMaxSizeLineBytes + 1, '0'), 1000).refused, RefusalReason::kBadFraming);
  const std::string trailer(ChunkDecoder::kMaxTrailerBytes - 2, 'x');  // with the CRs of two lines: exactly the limit
  EXPECT_TRUE(Decode("0\r\n" + trailer + "\r\n\r\n", 10000).done);
  EXPECT_EQ(Decode("0\r\nx" + trailer + "\r\n\r\n", 10000).refused, RefusalReason::kBadFraming);
}

}  // namespace
}  // namespace firebreak
