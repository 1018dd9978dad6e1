// What ThreadSanitizer must not report: it sees only code compiled with it, and Debian's libraries are not.
//
// libcpp-httplib keeps its table of methods in a function-local static. Whoever comes second reads it after an acquire
// load inside the library, of which TSan sees nothing, and calls memcmp, which it does see: a race that is none.
// `called_from_lib` is the narrowest cure: calls that the library itself makes, and nothing in our handlers.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

extern "C" const char* __tsan_default_suppressions() { return "called_from_lib:libcpp-httplib.so\n"; }

#endif
#endif
