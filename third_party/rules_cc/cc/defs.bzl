"""The native C++ rules under the name that Bazel's own packages load them by.

Debian's bazel-rules-cc is written for a newer Bazel than its bazel-bootstrap.
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
objc_library = native.objc_library
fdo_prefetch_hints = native.fdo_prefetch_hints
fdo_profile = native.fdo_profile
cc_libc_top_alias = native.cc_libc_top_alias if hasattr(native, "cc_libc_top_alias") else None
