#ifndef FIREBREAK_RULES_CSV_TABLE_H_
#define FIREBREAK_RULES_CSV_TABLE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/finding_list.h"
#include "rules/place.h"

namespace firebreak {

struct CsvCell {
  std::string text;
  Place place;
};
using CsvRow = std::vector<CsvCell>;

// Reads RFC 4180: commas, quotes doubled within quotes, lines that end in LF or CRLF; lines of white space and those
// that begin with # are passed over. What is wrong goes to `findings`; rows with a fault in them are left out, so that
// the others can be looked at. nullopt when the text is none, or the first row has one. Never throws.
std::optional<std::vector<CsvRow>> ReadCsv(std::string_view text, FindingList& findings);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_CSV_TABLE_H_
