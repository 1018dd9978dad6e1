// Usage: embed FUNCTION HEADER FILE...
// Prints a C++ source that includes HEADER and defines `std::span<const EmbeddedFile> firebreak::FUNCTION()`.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr size_t kBytesPerLine = 40;

void PrintLiteral(const std::string& bytes) {
  std::printf("std::string_view(\"");
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % kBytesPerLine == 0) std::printf("\"\n\"");
    // Always three digits: a digit that follows must not join the escape.
    std::printf("\\%03o", static_cast<unsigned>(static_cast<unsigned char>(bytes[i])));
  }
  std::printf("\", %zu)", bytes.size());
}

bool PrintFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::printf("    {\"%s\",\n", std::filesystem::path(path).filename().c_str());
  PrintLiteral(bytes);
  std::printf("},\n");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: embed FUNCTION HEADER FILE...\n");
    return 2;
  }
  std::printf("#include \"%s\"\n\nnamespace firebreak {\nnamespace {\nconstexpr EmbeddedFile kFiles[] = {\n", argv[2]);
  for (int i = 3; i < argc; ++i) {
    if (!PrintFile(argv[i])) {
      std::fprintf(stderr, "embed: cannot read %s\n", argv[i]);
      return 1;
    }
  }
  std::printf(
      "};\n}  // namespace\n\nstd::span<const EmbeddedFile> %s() { return kFiles; }\n}  // namespace firebreak\n",
      argv[1]);
  return 0;
}
