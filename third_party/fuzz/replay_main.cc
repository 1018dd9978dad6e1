// Runs a fuzz target without libFuzzer: the empty input, each file named on the command line, and fixed mutations of
// each, so that a fuzz target is a quick and repeatable test under any compiler. Exits 0 unless the target crashes.

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kMutationsOfEach = 300;

using Random = std::minstd_rand;  // the same sequence everywhere

// Below `bound`; 0 for an empty range.
size_t Below(Random& random, size_t bound) { return bound == 0 ? 0 : random() % bound; }

void Run(const std::string& input) {
  // A copy that ends where the input ends: a read beyond it is a read beyond the allocation.
  std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string Mutated(std::string text, const std::string& other, Random& random) {
  static constexpr char kNasty[] = {'\0', '\n', '"', '\\', '{', '[', ':', ',', '-', '0', '9', ' ', '\x7f', '\xff'};
  size_t at = Below(random, text.size());
  switch (random() % 6) {
    case 0:
      return text.substr(0, at);
    case 1:
      return text.substr(at);
    case 2:
      return text.insert(at, 1, kNasty[Below(random, sizeof(kNasty))]);
    case 3:
      if (!text.empty()) text[at] = static_cast<char>(random());
      return text;
    case 4:
      return text.insert(at, text.substr(Below(random, text.size() + 1), 64));
    default:
      return text.substr(0, at) + other.substr(Below(random, other.size() + 1));
  }
}

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path);
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Seeds(int argc, char** argv) {
  std::vector<std::string> seeds = {""};
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-') seeds.push_back(ReadFile(argv[i]));  // "-dict=…" is for libFuzzer
  }
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> seeds = Seeds(argc, argv);
  Random random(1);
  for (const std::string& seed : seeds) {
    Run(seed);
    std::string text = seed;
    for (int i = 0; i < kMutationsOfEach; ++i) {
      if (i % 5 == 0) text = seed;  // one to five mutations on top of each other
      text = Mutated(text, seeds[Below(random, seeds.size())], random);
      Run(text);
    }
  }
  std::printf("%zu inputs, %d mutations of each\n", seeds.size(), kMutationsOfEach);
  return 0;
}
