#ifndef FIREBREAK_API_NOTIFY_TELLABLE_VIEW_H_
#define FIREBREAK_API_NOTIFY_TELLABLE_VIEW_H_

#include "engine/alert_view.h"
#include "engine/transition.h"

namespace firebreak {

// What destinations are told of a step, which is also what its news says (EncodeAlert): a firing alert that is gone has
// resolved, however its view puts it. nullptr if the transition shows no alert.
AlertViewPtr TellableView(const Transition& transition);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_TELLABLE_VIEW_H_
