"""C++ libraries of the system as Bazel targets.

Each becomes a repository `@NAME//:NAME` holding one cc_library whose defines, include folders and link options
are what pkg-config says on this machine: no version and no path is written down here.

With -c opt, libraries of `archives = True` become part of the binary: to find, map and bind Abseil's thirty shared
libraries takes as long as reading three days of counts. Elsewhere every library is shared, as Bazel's own test
libraries are: one copy of a global variable each.
"""

_COMPILERS_OWN = ["-latomic", "-ldl", "-lm", "-lpthread", "-lrt"]

def _words(ctx, arguments):
    result = ctx.execute(["pkg-config"] + arguments)
    if result.return_code != 0:
        fail("pkg-config {}: {}\nInstall package {} (./run and ./test do it by themselves).".format(
            " ".join(arguments),
            result.stderr.strip(),
            ctx.attr.package,
        ))
    words = []
    for word in result.stdout.split(" "):
        word = word.strip()
        if word:
            words.append(word)
    return words

def _unique(words):
    return [word for i, word in enumerate(words) if word not in words[:i]]

def _as_archives(ctx, linkopts):
    """-lNAME as -l:libNAME.a, which is what the linker calls the archive, where the library has one."""
    folder = _words(ctx, ["--variable=libdir", ctx.attr.modules[0]])[0]
    words = []
    for word in linkopts:
        archive = "lib{}.a".format(word[2:])
        has_one = word.startswith("-l") and word not in _COMPILERS_OWN and ctx.path(folder + "/" + archive).exists
        words.append("-l:" + archive if has_one else word)
    return words

def _header_only(ctx):
    """REQUIRES: attr.header names a header that must exist in a system include folder."""
    for folder in ["/usr/include", "/usr/local/include"]:
        if ctx.path(folder + "/" + ctx.attr.header).exists:
            return
    fail("{} not found: install package {}".format(ctx.attr.header, ctx.attr.package))

def _system_library_impl(ctx):
    defines = []
    includes = []
    if ctx.attr.header:
        _header_only(ctx)
    if ctx.attr.modules:
        for flag in _words(ctx, ["--cflags"] + ctx.attr.modules):
            if flag.startswith("-D"):
                defines.append(flag[2:])
            elif flag.startswith("-I"):
                folder = "include_{}".format(len(includes))
                ctx.symlink(flag[2:], folder)
                includes.append(folder)
        linkopts = _words(ctx, ["--libs"] + ctx.attr.modules)
    else:
        linkopts = []
    if "--push-state" not in "".join(linkopts):
        linkopts = _unique(linkopts)
    linkopts += ctx.attr.linkopts
    ctx.file("BUILD.bazel", """
config_setting(
    name = "opt",
    values = {{"compilation_mode": "opt"}},
)

cc_library(
    name = "{name}",
    hdrs = glob([f + "/**" for f in {includes}], allow_empty = True),
    includes = {includes},
    defines = {defines},
    linkopts = select({{
        ":opt": {opt_linkopts},
        "//conditions:default": {linkopts},
    }}),
    visibility = ["//visibility:public"],
)
""".format(
        name = ctx.name,
        includes = includes,
        defines = _unique(defines + ctx.attr.defines),
        linkopts = linkopts,
        opt_linkopts = _as_archives(ctx, linkopts) if ctx.attr.archives else linkopts,
    ))

_system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "package": attr.string(mandatory = True, doc = "Debian's package, for the error message"),
        "modules": attr.string_list(doc = "pkg-config modules"),
        "header": attr.string(doc = "a header to look for, where there is no .pc file"),
        "defines": attr.string_list(),
        "linkopts": attr.string_list(),
        "archives": attr.bool(doc = "whether a -c opt binary holds the library itself, from its .a files"),
    },
    environ = ["PKG_CONFIG_PATH"],
    local = True,
)

def system_libraries():
    """Declares every library that docs/dependencies.md lists."""
    _system_library(
        name = "absl",
        package = "libabsl-dev",
        modules = ["absl_cleanup", "absl_flat_hash_map", "absl_flat_hash_set", "absl_status", "absl_statusor", "absl_time", "absl_int128", "absl_strings"],
        archives = True,
    )
    _system_library(name = "re2", package = "libre2-dev", modules = ["re2"], archives = True)
    _system_library(name = "fmt", package = "libfmt-dev", modules = ["fmt"])
    _system_library(name = "spdlog", package = "libspdlog-dev", modules = ["spdlog"])
    _system_library(name = "nlohmann_json", package = "nlohmann-json3-dev", modules = ["nlohmann_json"])
    _system_library(name = "simdjson", package = "libsimdjson-dev", modules = ["simdjson"])
    _system_library(name = "httplib", package = "libcpp-httplib-dev", modules = ["cpp-httplib"])
    _system_library(name = "yaml_cpp", package = "libyaml-cpp-dev", modules = ["yaml-cpp"], archives = True)
    _system_library(name = "openssl", package = "libssl-dev", modules = ["openssl"])
    _system_library(name = "zlib", package = "zlib1g-dev", modules = ["zlib"])
    _system_library(name = "zstd", package = "libzstd-dev", modules = ["libzstd"])
    _system_library(name = "sqlite", package = "libsqlite3-dev", modules = ["sqlite3"], archives = True)
    _system_library(name = "cli11", package = "libcli11-dev", header = "CLI/CLI.hpp")
    _system_library(name = "boost", package = "libboost1.81-dev", header = "boost/beast.hpp", linkopts = ["-pthread"])
    _system_library(name = "gtest", package = "libgtest-dev", modules = ["gmock", "gtest_main"])
    _system_library(name = "rapidcheck", package = "librapidcheck-dev", header = "rapidcheck.h", linkopts = ["-lrapidcheck"])
    _system_library(name = "benchmark", package = "libbenchmark-dev", modules = ["benchmark"], linkopts = ["-lbenchmark_main", "-lpthread"])
