#ifndef FIREBREAK_ENGINE_LEDGER_OPTIONS_H_
#define FIREBREAK_ENGINE_LEDGER_OPTIONS_H_

#include "rules/config.h"
#include "storage/ledger/ledger.h"

namespace firebreak {

// How long a ledger keeps what under a configuration: on the ladder of its rings, and the tiers' 30 s rows for the
// period and a fortnight more, in which it is reviewed.
LedgerOptions LedgerOptionsFor(const Config& config);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LEDGER_OPTIONS_H_
