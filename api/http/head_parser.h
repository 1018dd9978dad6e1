#ifndef FIREBREAK_API_HTTP_HEAD_PARSER_H_
#define FIREBREAK_API_HTTP_HEAD_PARSER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/message.h"

namespace firebreak {

// A header block in its parts, before anybody asks whether they make sense.
struct RawHead {
  HttpMethod method = HttpMethod::kOther;
  std::string target;
  bool http_1_0 = false;
  bool keep_alive = true;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case, in order
};

// Reads one complete header block by HTTP/1.x grammar. False, with `fault` set, if it is not one. Pure.
bool ParseRawHead(std::string_view block, RawHead& head, std::string& fault);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_HEAD_PARSER_H_
