#include "rules/csv_table.h"

#include <utility>

#include "fmt/format.h"
#include "rules/text_fault.h"

namespace firebreak {
namespace {

constexpr size_t kMaxCsvBytes = 1 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Takes a text apart, cell by cell, and keeps count of where it is.
class CsvScanner {
 public:
  CsvScanner(std::string_view text, FindingList& findings) : text_(text), findings_(findings) {}

  std::optional<std::vector<CsvRow>> ReadAll() {
    std::vector<CsvRow> rows;
    while (position_ < text_.size()) {
      if (SkipEmptyLine()) continue;
      row_is_sound_ = true;
      CsvRow row = ReadRow();
      if (row_is_sound_) rows.push_back(std::move(row));
      if (rows.empty()) return std::nullopt;
    }
    return rows;
  }

 private:
  Place Here() const { return {line_, static_cast<int>(position_ - line_begin_) + 1}; }
  bool AtEnd() const { return position_ >= text_.size(); }
  char Peek() const { return text_[position_]; }
  bool AtLineEnd() const {
    if (AtEnd() || Peek() == '\n') return true;
    return Peek() == '\r' && (position_ + 1 == text_.size() || text_[position_ + 1] == '\n');
  }

  // Takes a character, and counts the line that it ends.
  char Take() {
    const char c = text_[position_++];
    if (c == '\n') {
      ++line_;
      line_begin_ = position_;
    }
    return c;
  }

  void TakeLineEnd() {
    while (!AtEnd() && Take() != '\n') {
    }
  }

  bool SkipEmptyLine() {
    const std::string_view rest = text_.substr(position_);
    const std::string_view line = rest.substr(0, rest.find('\n'));
    const bool is_empty = line.find_first_not_of(" \t\r") == std::string_view::npos || line.front() == '#';
    if (is_empty) TakeLineEnd();
    return is_empty;
  }

  CsvRow ReadRow() {
    CsvRow row;
    while (true) {
      row.push_back(ReadCell());
      if (AtLineEnd()) break;
      Take();  // the comma
    }
    TakeLineEnd();
    return row;
  }

  CsvCell ReadCell() {
    while (!AtLineEnd() && (Peek() == ' ' || Peek() == '\t')) Take();
    CsvCell cell{"", Here()};
    if (!AtLineEnd() && Peek() == '"') {
      ReadQuoted(cell);
    } else {
      while (!AtLineEnd() && Peek() != ',') cell.text += Take();
    }
    cell.text.erase(cell.text.find_last_not_of(" \t") + 1);
    return cell;
  }

  void ReadQuoted(CsvCell& cell) {
    Take();
    while (true) {
      if (AtEnd()) return Fault(cell.place, "a quoted text without its closing quote");
      const char c = Take();
      if (c != '"') {
        cell.text += c;
      } else if (!AtEnd() && Peek() == '"') {
        cell.text += Take();
      } else {
        break;
      }
    }
    const Place after = Here();
    bool blank = true;
    for (; !AtLineEnd() && Peek() != ','; Take()) blank = blank && (Peek() == ' ' || Peek() == '\t');
    if (!blank) Fault(after, "text after a closing quote, wanted a comma or the line's end");
  }

  void Fault(Place place, const char* message) {
    row_is_sound_ = false;
    findings_.Add(FindingKind::kError, place, message);
  }

  const std::string_view text_;
  FindingList& findings_;
  size_t position_ = 0;
  size_t line_begin_ = 0;
  int line_ = 1;
  bool row_is_sound_ = true;
};

}  // namespace

std::optional<std::vector<CsvRow>> ReadCsv(std::string_view text, FindingList& findings) {
  if (text.size() > kMaxCsvBytes) {
    findings.Add(FindingKind::kError, {},
                 fmt::format("the file has {} bytes, wanted at most {}", text.size(), kMaxCsvBytes));
    return std::nullopt;
  }
  if (const std::optional<TextFault> fault = FindTextFault(text)) {
    findings.Add(FindingKind::kError, fault->place, fault->message);
    return std::nullopt;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return CsvScanner(text, findings).ReadAll();
}

}  // namespace firebreak
