#ifndef FIREBREAK_API_LAB_TEXT_TABLE_H_
#define FIREBREAK_API_LAB_TEXT_TABLE_H_

#include <string>
#include <vector>

namespace firebreak {

// Rows of cells as lines of aligned columns, two spaces apart, each line behind `indent`. The first `left_columns` are
// flush left, the others flush right. Rows may be short; a column is as wide as its widest cell in characters (UTF-8).
std::string TextTable(const std::vector<std::vector<std::string>>& rows, size_t left_columns,
                      const std::string& indent);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_TEXT_TABLE_H_
