#ifndef FIREBREAK_API_NOTIFY_OUTBOX_STORE_H_
#define FIREBREAK_API_NOTIFY_OUTBOX_STORE_H_

#include "storage/ledger/records.h"

namespace firebreak {

// Where workers keep what their destination has still to be told. Thread-safe; must not block.
class OutboxStore {
 public:
  virtual ~OutboxStore() = default;
  virtual void Save(OutboxRecord record) = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_OUTBOX_STORE_H_
