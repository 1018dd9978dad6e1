#ifndef FIREBREAK_RULES_PLACE_H_
#define FIREBREAK_RULES_PLACE_H_

#include <compare>

namespace firebreak {

// A place in a text; both count from 1, columns in bytes.
struct Place {
  int line = 1;
  int column = 1;

  friend auto operator<=>(const Place&, const Place&) = default;
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_PLACE_H_
