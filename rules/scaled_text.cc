#include "rules/scaled_text.h"

#include <algorithm>

namespace firebreak {
namespace {

std::string DigitsText(unsigned __int128 digits) {
  std::string text;
  do {
    text.push_back(static_cast<char>('0' + static_cast<int>(digits % 10)));
    digits /= 10;
  } while (digits != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace

std::string ScaledText(unsigned __int128 digits, int scale) {
  if (digits == 0) return "0";
  for (; scale > 0 && digits % 10 == 0; --scale) digits /= 10;
  std::string text = DigitsText(digits);
  if (scale <= 0) return text.append(static_cast<size_t>(-scale), '0');
  const size_t fraction = static_cast<size_t>(scale);
  if (text.size() <= fraction) text.insert(0, fraction + 1 - text.size(), '0');
  text.insert(text.size() - fraction, 1, '.');
  return text;
}

}  // namespace firebreak
