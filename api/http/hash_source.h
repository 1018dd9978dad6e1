#ifndef FIREBREAK_API_HTTP_HASH_SOURCE_H_
#define FIREBREAK_API_HTTP_HASH_SOURCE_H_

#include <string>
#include <string_view>

namespace firebreak {

// How a Content-Security-Policy names what stands in a <script> or <style> of the page, exactly: 'sha256-…'. Pure.
std::string HashSource(std::string_view content);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_HASH_SOURCE_H_
