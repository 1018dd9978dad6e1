// What ThreadSanitizer must not report: it sees only code compiled with it, and Debian's libraries are not.
//
// libcpp-httplib keeps its table of methods in a function-local static. Whoever comes second reads it after an acquire
// load inside the library, of which TSan sees nothing, and calls memcmp, which it does see: a race that is none.
// `called_from_lib` is the narrowest cure: calls that the library itself makes, and nothing in our handlers.
//
// std::regex, which libcpp-httplib and the tests' receivers use, asks the locale's ctype<char>::narrow, and that fills
// a table of libstdc++ as it goes: two threads may write the same byte into the same place.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libcpp-httplib.so\nrace:std::__detail::_Scanner\n";
}

#endif
#endif
