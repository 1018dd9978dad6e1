#include "fmt/format.h"
#include "rules/parse_sections.h"

namespace firebreak {
namespace {

bool IsEnvironmentName(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::string_view kAll = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return kDigits.find(name.front()) == std::string_view::npos && name.find_first_not_of(kAll) == std::string_view::npos;
}

void ReadTokens(const Field& field, YamlReader& reader, ServerConfig& server) {
  std::vector<FieldRule> rules;
  const auto add = [&](std::string_view prefix, SecretSource& secret) {
    for (FieldRule& rule : SecretRules(prefix, reader, secret)) rules.push_back(std::move(rule));
  };
  add("ingest_", server.ingest_token);
  add("read_", server.read_token);
  add("admin_", server.admin_token);
  reader.ReadMap(field, rules);
}

constexpr int64_t kKiB = 1 << 10;
constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kGiB = 1 << 30;

void ReadLimits(const Field& field, YamlReader& reader, ServerLimits& limits) {
  const auto bytes = [&](int64_t least, int64_t most, int64_t& out) {
    return [&reader, least, most, &out](const Field& f) { reader.ReadBytes(f, least, most, out); };
  };
  const auto count = [&](int64_t least, int64_t most, int64_t& out) {
    return [&reader, least, most, &out](const Field& f) { reader.ReadInteger(f, least, most, out); };
  };
  const auto timeout = [&](absl::Duration& out) {
    return [&reader, &out](const Field& f) { reader.ReadDuration(f, absl::Milliseconds(100), absl::Hours(1), out); };
  };
  reader.ReadMap(field, {
                            {"header_bytes", bytes(kKiB, kMiB, limits.header_bytes)},
                            {"header_fields", count(4, 1000, limits.header_fields)},
                            {"uri_bytes", bytes(64, 64 * kKiB, limits.uri_bytes)},
                            {"body_bytes", bytes(kKiB, kGiB, limits.body_bytes)},
                            {"control_body_bytes", bytes(kKiB, 64 * kMiB, limits.control_body_bytes)},
                            {"decoded_bytes", bytes(kKiB, kGiB, limits.decoded_bytes)},
                            {"header_timeout", timeout(limits.header_timeout)},
                            {"body_timeout", timeout(limits.body_timeout)},
                            {"idle_timeout", timeout(limits.idle_timeout)},
                            {"connections", count(1, 1'000'000, limits.connections)},
                        });
}

}  // namespace

std::vector<FieldRule> SecretRules(std::string_view prefix, YamlReader& reader, SecretSource& secret) {
  const std::string file_key = fmt::format("{}file", prefix);
  const std::string env_key = fmt::format("{}env", prefix);
  const std::string both = fmt::format("wanted either {} or {}, not both", file_key, env_key);
  // Neither is ever quoted: a secret may stand there by mistake.
  const auto mark = [&secret](const Field& f) {
    secret.key = f.path;
    secret.place = f.place;
  };
  const auto read_file = [&reader, &secret, both, mark](const Field& f) {
    mark(f);
    reader.ReadText(f, secret.file);
    if (!secret.env.empty()) reader.Fault(f, both);
  };
  const auto read_env = [&reader, &secret, both, mark](const Field& f) {
    mark(f);
    std::string name;
    reader.ReadText(f, name);
    if (name.empty()) return;
    if (!IsEnvironmentName(name)) return reader.Fault(f, "wanted the name of an environment variable");
    secret.env = name;
    if (!secret.file.empty()) reader.Fault(f, both);
  };
  return {{file_key, read_file}, {env_key, read_env}};
}

void ReadServer(const Field& field, YamlReader& reader, ServerConfig& server) {
  reader.ReadMap(field, {
                            {"tokens", [&](const Field& f) { ReadTokens(f, reader, server); }},
                            {"limits", [&](const Field& f) { ReadLimits(f, reader, server.limits); }},
                        });
}

}  // namespace firebreak
