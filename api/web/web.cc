#include "api/web/web.h"

#include <openssl/sha.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "api/web/web_files.h"
#include "fmt/format.h"
#include "rules/string_map.h"

namespace firebreak {
namespace {

// 'unsafe-inline' is nowhere: what sizes and colours charts sets styles by script, which a policy does not forbid.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view kGzip = ".gz";

struct Type {
  std::string_view extension;
  std::string_view content_type;
};
constexpr Type kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

std::string_view ContentType(std::string_view name) {
  for (const Type& type : kTypes) {
    if (name.ends_with(type.extension)) return type.content_type;
  }
  return "application/octet-stream";
}

// A file with what is said about it. One that is kept compressed is sent so: every browser reads gzip.
struct Asset {
  std::string_view bytes;
  std::string_view content_type;
  bool compressed = false;
  std::string etag;
};

std::string ETagOf(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string etag = "\"";
  for (size_t i = 0; i < 12; ++i) etag += fmt::format("{:02x}", digest[i]);
  return etag + "\"";
}

const StringMap<Asset>& Assets() {
  static const auto* const assets = [] {
    auto* made = new StringMap<Asset>;
    for (const EmbeddedFile& file : WebFiles()) {
      const bool compressed = file.name.ends_with(kGzip);
      const std::string_view name = file.name.substr(0, file.name.size() - (compressed ? kGzip.size() : 0));
      (*made)[std::string(name)] = {file.bytes, ContentType(name), compressed, ETagOf(file.bytes)};
    }
    return made;
  }();
  return *assets;
}

HttpResponse Serve(const Asset& asset, const HttpRequest& request) {
  HttpResponse response;
  response.content_type = std::string(asset.content_type);
  response.headers = {{"Cache-Control", "no-cache"},
                      {"ETag", asset.etag},
                      {"Content-Security-Policy", std::string(kPolicy)},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (asset.compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  if (request.Header("if-none-match").find(asset.etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.body = std::string(asset.bytes);
  return response;
}

void ServePage(const HttpRequest& request, const HttpResponder& respond) {
  HttpResponse response = Serve(Assets().at("index.html"), request);
  response.headers.emplace_back("Vary", "Accept");
  respond(std::move(response));
}

void ServeAsset(const HttpRequest& request, const HttpResponder& respond) {
  const auto asset = Assets().find(std::string_view(request.path).substr(std::string_view("/web/").size()));
  respond(asset == Assets().end() ? HttpError(404, "no such file") : Serve(asset->second, request));
}

}  // namespace

std::vector<HttpRoute> DashboardRoutes() {
  return {{HttpMethod::kGet, "/", HttpScope::kNone, ServePage, HttpBody::kOptional, HttpAudience::kPages},
          {HttpMethod::kGet, "/web/*", HttpScope::kNone, ServeAsset}};
}

}  // namespace firebreak
