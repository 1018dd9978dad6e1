#include "storage/ledger/wal_check.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <utility>

#include "fmt/format.h"

namespace firebreak {
namespace {

// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
constexpr size_t kHeaderBytes = 32;
constexpr size_t kFrameHeaderBytes = 24;
constexpr uint32_t kMagic = 0x377f0682;  // the last bit says how checksums read their words
constexpr uint32_t kVersion = 3'007'000;
constexpr uint32_t kLeastPageBytes = 512;
constexpr uint32_t kMostPageBytes = 65536;
// The one that was under way when the power went may be there without its beginning.
constexpr int kCommitsThatMayBeTorn = 1;

uint32_t BigEndian(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

uint32_t LittleEndian(std::string_view bytes, size_t at) { return __builtin_bswap32(BigEndian(bytes, at)); }

using Checksum = std::pair<uint32_t, uint32_t>;

struct Header {
  uint32_t page_bytes = 0;
  std::string_view salts;
  bool big_endian = false;  // of the words that are summed up
  Checksum checksum;
};

Checksum Sum(Checksum sum, std::string_view bytes, bool big_endian) {
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    sum.first += (big_endian ? BigEndian(bytes, at) : LittleEndian(bytes, at)) + sum.second;
    sum.second += (big_endian ? BigEndian(bytes, at + 4) : LittleEndian(bytes, at + 4)) + sum.first;
  }
  return sum;
}

std::optional<Header> ReadHeader(std::string_view bytes) {
  Header header;
  header.big_endian = (BigEndian(bytes, 0) & 1) != 0;
  header.page_bytes = BigEndian(bytes, 8);
  header.salts = bytes.substr(16, 8);
  header.checksum = Sum({}, bytes.substr(0, 24), header.big_endian);
  const bool sound = (BigEndian(bytes, 0) & ~1u) == kMagic && BigEndian(bytes, 4) == kVersion &&
                     kLeastPageBytes <= header.page_bytes && header.page_bytes <= kMostPageBytes &&
                     (header.page_bytes & (header.page_bytes - 1)) == 0 &&
                     header.checksum == Checksum(BigEndian(bytes, 24), BigEndian(bytes, 28));
  return sound ? std::optional<Header>(header) : std::nullopt;
}

// Goes through the frames. Each one's checksum goes on from that of the frame before, so that a sound one behind a
// broken one can be told by what that one claims.
class Frames {
 public:
  explicit Frames(const Header& header) : header_(header), before_(header.checksum) {}

  void Add(std::string_view frame) {
    const bool ours = frame.substr(8, 8) == header_.salts && BigEndian(frame, 0) != 0;
    const Checksum claimed(BigEndian(frame, 16), BigEndian(frame, 20));
    Checksum sum = Sum(before_, frame.substr(0, 8), header_.big_endian);
    sum = Sum(sum, frame.substr(kFrameHeaderBytes), header_.big_endian);
    const bool sound = ours && sum == claimed;
    const bool commits = BigEndian(frame, 4) != 0;
    if (!broken_at_ && !sound) broken_at_ = frames_;
    if (broken_at_ && sound && commits) ++commits_left_out_;
    before_ = claimed;
    ++frames_;
  }

  std::optional<int64_t> broken_at() const { return broken_at_; }
  int commits_left_out() const { return commits_left_out_; }

 private:
  const Header header_;
  Checksum before_;
  int64_t frames_ = 0;
  std::optional<int64_t> broken_at_;
  int commits_left_out_ = 0;
};

}  // namespace

std::optional<std::string> FaultOfWal(const std::string& path) {
  std::ifstream file(path + "-wal", std::ios::binary);
  std::array<char, kHeaderBytes> start;
  if (!file.read(start.data(), start.size())) return std::nullopt;  // none, or one that was just begun
  const std::optional<Header> header = ReadHeader({start.data(), start.size()});
  std::string frame(kFrameHeaderBytes + (header ? header->page_bytes : kLeastPageBytes), '\0');
  if (!header) {
    if (!file.read(frame.data(), static_cast<std::streamsize>(frame.size()))) return std::nullopt;
    return fmt::format("{}-wal: its header is damaged: what is in it is left out", path);
  }
  Frames frames(*header);
  while (file.read(frame.data(), static_cast<std::streamsize>(frame.size()))) frames.Add(frame);
  if (frames.commits_left_out() <= kCommitsThatMayBeTorn) return std::nullopt;
  return fmt::format("{}-wal: damaged in frame {}: {} whole commits behind it are left out", path,
                     *frames.broken_at() + 1, frames.commits_left_out());
}

}  // namespace firebreak
