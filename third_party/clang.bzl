"""Debian's clang-14 as a second C++ toolchain, `@clang//:toolchain`, beside the default gcc.

Bazel's own detection finds one compiler, that of $CC. A repository of our own keeps the two apart, so that going from
`bazel test` to `bazel test --config=san` and back neither detects nor compiles anything again.
"""

load("@bazel_tools//tools/cpp:lib_cc_configure.bzl", "get_cpu_value")
load("@bazel_tools//tools/cpp:unix_cc_configure.bzl", "configure_unix_toolchain")

_COMPILER = "clang-14"

def _clang_impl(ctx):
    compiler = ctx.which(_COMPILER)
    if compiler == None:
        # An empty package: only the sanitizer configurations need the compiler, `./run` does not.
        ctx.file("BUILD.bazel", "# {} is not installed\n".format(_COMPILER))
        return
    configure_unix_toolchain(ctx, get_cpu_value(ctx), {"gcc": str(compiler)})

clang_toolchain = repository_rule(
    implementation = _clang_impl,
    environ = ["PATH"],
    local = True,
    configure = True,
)
