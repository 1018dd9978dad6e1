#include "api/notify/tellable_view.h"

#include <memory>

namespace firebreak {

AlertViewPtr TellableView(const Transition& transition) {
  if (transition.alert == nullptr) return nullptr;
  const bool ended = transition.from == AlertStatus::kFiring && transition.alert->status == AlertStatus::kInactive;
  if (!ended) return transition.alert;
  auto view = std::make_shared<AlertView>(*transition.alert);
  view->status = AlertStatus::kResolved;
  if (!view->resolved_at) view->resolved_at = transition.at;
  return view;
}

}  // namespace firebreak
