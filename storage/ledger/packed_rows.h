#ifndef FIREBREAK_STORAGE_LEDGER_PACKED_ROWS_H_
#define FIREBREAK_STORAGE_LEDGER_PACKED_ROWS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "storage/ledger/records.h"

namespace firebreak {

// Count rows of one series in a dozen bytes each. The ledger keeps rows by time, start wants them by series: millions
// of them wait here. Rows come out in the order they were added. Thread-compatible.
class PackedRows {
 public:
  void Add(const CountRow& row);
  void ForEach(const std::function<void(const CountRow&)>& visit) const;

 private:
  std::string bytes_;
  int64_t last_slot_ = 0;
  int64_t last_width_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_PACKED_ROWS_H_
