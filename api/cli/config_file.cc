#include "api/cli/config_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr size_t kMaxTextBytes = 16 << 20;

absl::Status FileError(const std::string& path, int error) {
  const std::string message = fmt::format("{}: {}", path, std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == EACCES) return absl::PermissionDeniedError(message);
  return absl::InvalidArgumentError(message);
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

absl::StatusOr<std::string> NonEmpty(std::string_view text, std::string_view where) {
  const std::string_view secret = Trimmed(text);
  if (secret.empty()) return absl::InvalidArgumentError(fmt::format("{}: the secret is empty", where));
  return std::string(secret);
}

}  // namespace

absl::Status ErrorsOf(const Findings& findings) {
  std::string faults;
  for (const Finding& finding : findings) {
    if (finding.kind == FindingKind::kError) faults += (faults.empty() ? "" : "\n") + finding.ToString();
  }
  return faults.empty() ? absl::OkStatus() : absl::InvalidArgumentError(faults);
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) return FileError(path, errno);
  absl::Cleanup close = [file] {
    if (file != stdin) std::fclose(file);
  };
  std::string text;
  char buffer[1 << 16];
  while (const size_t got = std::fread(buffer, 1, sizeof(buffer), file)) {
    text.append(buffer, got);
    if (text.size() > kMaxTextBytes) return absl::InvalidArgumentError(path + ": larger than 16 MiB");
  }
  if (std::ferror(file)) return FileError(path, errno);
  return text;
}

absl::StatusOr<std::string> ReadRegularFile(const std::string& path) {
  std::error_code error;
  if (path != "-" && std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return absl::InvalidArgumentError(path + ": not a regular file");
  }
  return ReadTextFile(path);
}

absl::StatusOr<Config> LoadConfig(const std::string& path) {
  absl::StatusOr<std::string> text = ReadRegularFile(path);
  if (!text.ok()) return text.status();
  ParsedConfig parsed = ParseConfig(*text, path);
  if (parsed.config) return *std::move(parsed.config);
  return ErrorsOf(parsed.findings);
}

absl::StatusOr<std::string> ReadSecret(const SecretSource& source, const std::string& config_path) {
  if (!source.env.empty()) {
    const char* value = std::getenv(source.env.c_str());
    const std::string where = "environment variable " + source.env;
    if (value == nullptr) return absl::NotFoundError(where + " is not set");
    return NonEmpty(value, where);
  }
  if (source.file.empty()) return "";
  const std::string path = (std::filesystem::path(config_path).parent_path() / source.file).string();
  absl::StatusOr<std::string> text = ReadRegularFile(path);
  if (!text.ok()) return text.status();
  return NonEmpty(*text, path);
}

}  // namespace firebreak
