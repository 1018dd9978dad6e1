#ifndef FIREBREAK_THIRD_PARTY_EMBED_EMBEDDED_FILE_H_
#define FIREBREAK_THIRD_PARTY_EMBED_EMBEDDED_FILE_H_

#include <string_view>

namespace firebreak {

// A file that was compiled into the program (firebreak_embed in //third_party:embed.bzl).
struct EmbeddedFile {
  std::string_view name;   // without folders: "NoData.md"
  std::string_view bytes;  // exactly as they were; valid for as long as the program runs
};

}  // namespace firebreak

#endif  // FIREBREAK_THIRD_PARTY_EMBED_EMBEDDED_FILE_H_
