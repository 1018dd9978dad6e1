#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "api/codec/gzip.h"
#include "api/codec/zstd.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr size_t kMebibyte = size_t{1} << 20;

class LineReaderTest : public testing::Test {
 protected:
  static std::string Path() {
    const char* folder = std::getenv("TEST_TMPDIR");
    return std::string(folder == nullptr ? "/tmp" : folder) + "/line_reader_test";
  }

  // Writes a file and reads it to its end or to a fault; a line that was cut ends in "[cut]".
  std::vector<std::string> Read(std::string_view content) {
    std::ofstream(Path(), std::ios::binary) << content;
    const absl::StatusOr<std::unique_ptr<LineReader>> reader = LineReader::Open(Path());
    EXPECT_TRUE(reader.ok()) << reader.status();
    return ReadAll(**reader);
  }

  std::vector<std::string> ReadAll(LineReader& reader) {
    std::vector<std::string> lines;
    std::string_view line;
    bool truncated = false;
    while (reader.Next(line, truncated)) lines.push_back(std::string(line) + (truncated ? "[cut]" : ""));
    EXPECT_FALSE(reader.Next(line, truncated)) << "the end is the end";
    status_ = reader.status();
    cut_off_ = reader.cut_off();
    bytes_read_ = reader.bytes_read();
    bytes_total_ = reader.bytes_total();
    return lines;
  }

  absl::Status status_;
  bool cut_off_ = false;
  int64_t bytes_read_ = 0;
  int64_t bytes_total_ = 0;
};

TEST_F(LineReaderTest, LinesEndInEitherWay) {
  EXPECT_THAT(Read("a\nb\r\nc\n"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Read("a\n\n\r\nb"), ElementsAre("a", "", "", "b"));
  EXPECT_THAT(Read("a\rb\n"), ElementsAre("a\rb"));
  EXPECT_THAT(Read("a\r\r\n"), ElementsAre("a\r"));
  EXPECT_THAT(Read("a\r"), ElementsAre("a"));
  EXPECT_THAT(Read("\n"), ElementsAre(""));
  EXPECT_THAT(Read("x"), ElementsAre("x"));
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_TRUE(status_.ok());
}

TEST_F(LineReaderTest, AnyByteButTheLineEndPasses) {
  const std::string odd("\0\xFF\x1f\x8b", 4);
  EXPECT_THAT(Read(odd + "\n" + odd), ElementsAre(odd, odd));
}

TEST_F(LineReaderTest, BytesAreCounted) {
  Read("hello\nworld\n");
  EXPECT_EQ(bytes_read_, 12);
  EXPECT_EQ(bytes_total_, 12);
}

TEST_F(LineReaderTest, LongLinesAreCutAtOneMebibyte) {
  const std::string whole(kMebibyte, 'x');
  EXPECT_THAT(Read("a\n" + whole + "\nb\n"), ElementsAre("a", whole, "b"));
  EXPECT_THAT(Read("a\n" + whole + "\r\nb"), ElementsAre("a", whole, "b"));
  EXPECT_THAT(Read(whole), ElementsAre(whole));
  EXPECT_THAT(Read("a\n" + whole + "y\nb\n"), ElementsAre("a", whole + "[cut]", "b"));
  EXPECT_THAT(Read("a\n" + whole + "y\r\nb\n"), ElementsAre("a", whole + "[cut]", "b"));
  EXPECT_THAT(Read(whole + whole + whole + "\nb"), ElementsAre(whole + "[cut]", "b"));
  EXPECT_THAT(Read(whole + "y"), ElementsAre(whole + "[cut]"));
}

TEST_F(LineReaderTest, LinesOfAllLengthsCrossTheBuffer) {
  std::string content;
  std::vector<std::string> wanted;
  for (size_t size = 0; size < 3'000; size += 7) {
    wanted.emplace_back(size, static_cast<char>('a' + size % 26));
    content += wanted.back() + (size % 2 == 0 ? "\n" : "\r\n");
  }
  EXPECT_EQ(Read(content), wanted);
  EXPECT_EQ(Read(Gzip(content)), wanted);
  EXPECT_EQ(Read(Zstd(content)), wanted);
}

TEST_F(LineReaderTest, GzipIsToldByItsFirstBytes) {
  EXPECT_THAT(Read(Gzip("a\nb\r\nc")), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Read(Gzip("a\nb") + Gzip("c\n") + Gzip("") + Gzip("d")), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(Read(Gzip("")), IsEmpty());
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(bytes_read_, bytes_total_);
  EXPECT_THAT(Read("\x1f"), ElementsAre("\x1f"));
}

TEST_F(LineReaderTest, ZstdIsToldByItsFirstBytes) {
  EXPECT_THAT(Read(Zstd("a\nb\r\nc")), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Read(Zstd("a\nb") + Zstd("c\n") + Zstd("") + Zstd("d")), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(Read(Zstd("")), IsEmpty());
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(bytes_read_, bytes_total_);
  EXPECT_THAT(Read("\x28\xb5\x2f"), ElementsAre("\x28\xb5\x2f"));
}

TEST_F(LineReaderTest, CutOffFilesGiveTheirWholeLinesFirst) {
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i * 7919) + "\n";
  for (const std::string& packed : {Gzip(content), Zstd(content)}) {
    const std::vector<std::string> lines = Read(packed.substr(0, packed.size() / 2));
    EXPECT_EQ(status_.code(), absl::StatusCode::kDataLoss);
    EXPECT_TRUE(cut_off_);
    EXPECT_EQ(status_.message(), Path() + ": the file is cut off");
    EXPECT_GT(lines.size(), 10'000);
    for (size_t i = 0; i < lines.size(); ++i) ASSERT_EQ(lines[i], std::to_string(i * 7919));
  }
}

TEST_F(LineReaderTest, DamagedZstdGivesWhatCameBefore) {
  EXPECT_THAT(Read(Zstd("a\nb\n") + "garbage\n"), ElementsAre("a", "b"));
  EXPECT_EQ(status_.code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(cut_off_);
}

TEST_F(LineReaderTest, DamagedGzipGivesWhatCameBefore) {
  const std::string damaged_checksum = Gzip("a\nb\n").replace(24, 1, "?");
  EXPECT_THAT(Read(damaged_checksum), ElementsAre("a", "b"));
  EXPECT_EQ(status_.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Read(Gzip("a\nb\n") + "garbage\n"), ElementsAre("a", "b"));
  EXPECT_EQ(status_.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Read("\x1f\x8bnot gzip\n"), IsEmpty());
  EXPECT_EQ(status_.code(), absl::StatusCode::kDataLoss);
}

TEST_F(LineReaderTest, WhatCannotBeOpenedIsNamed) {
  const auto error = [](const std::string& path) { return LineReader::Open(path).status(); };
  EXPECT_EQ(error(Path() + ".absent").code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(error(Path() + ".absent").message(), HasSubstr(Path() + ".absent"));
  EXPECT_EQ(error("/").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error("/").message(), "/: is a directory");
  EXPECT_EQ(error("/dev/zero").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error("/dev/zero").message(), "/dev/zero: is a device");
  EXPECT_EQ(error("/dev/null"), absl::OkStatus());
}

TEST_F(LineReaderTest, StandardInputIsADash) {
  int ends[2] = {};
  ASSERT_EQ(pipe(ends), 0);
  const int saved = dup(STDIN_FILENO);
  const absl::Cleanup restore = [saved] {
    dup2(saved, STDIN_FILENO);
    close(saved);
  };
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  const std::string packed = Gzip("a\nb");
  ASSERT_EQ(write(ends[1], packed.data(), packed.size()), static_cast<ssize_t>(packed.size()));
  close(ends[1]);
  const absl::StatusOr<std::unique_ptr<LineReader>> reader = LineReader::Open("-");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT(ReadAll(**reader), ElementsAre("a", "b"));
  EXPECT_EQ(bytes_total_, 0);
  EXPECT_EQ(bytes_read_, packed.size());
}

}  // namespace
}  // namespace firebreak
