"""npm_package: an npm package as targets, for libraries that run in a browser, and the one that drives a browser in tests.

The package comes by `npm pack`, so from wherever the npm of this machine is told to get packages, and must have the
sha256 that is written down beside its version: what is inlined in our pages is what was looked at.
"""

def _npm_package_impl(ctx):
    npm = ctx.which("npm")
    if npm == None:
        fail("npm not found: install package npm (./run and ./test do it by themselves)")
    wanted = "{}@{}".format(ctx.attr.package, ctx.attr.version)
    packed = ctx.execute([npm, "pack", "--silent", "--ignore-scripts", wanted])
    if packed.return_code != 0:
        fail("npm pack {} failed:\n{}".format(wanted, packed.stderr.strip() or packed.stdout.strip()))
    archive = packed.stdout.strip().split("\n")[-1]
    sha256 = ctx.execute(["sha256sum", archive]).stdout.split(" ")[0]
    if sha256 != ctx.attr.sha256:
        fail("{}: its sha256 is {}, wanted {}".format(wanted, sha256, ctx.attr.sha256))
    ctx.extract(archive, "unpacked", "package")
    ctx.file("BUILD.bazel", """
exports_files(["unpacked/{file}"])

alias(
    name = "{name}",
    actual = "unpacked/{file}",
    visibility = ["//visibility:public"],
)

filegroup(
    name = "package",
    srcs = glob(["unpacked/**"]),
    visibility = ["//visibility:public"],
)
""".format(file = ctx.attr.file, name = ctx.name))

_npm_package = repository_rule(
    implementation = _npm_package_impl,
    attrs = {
        "package": attr.string(mandatory = True),
        "version": attr.string(mandatory = True, doc = "exact"),
        "sha256": attr.string(mandatory = True, doc = "of the archive that `npm pack` writes"),
        "file": attr.string(mandatory = True, doc = "within the package: what the target of the repository's name is"),
    },
    environ = ["PATH"],
)

def npm_packages():
    """Declares every npm package that docs/dependencies.md lists. Each is fetched when a target first needs it."""
    _npm_package(
        name = "echarts",
        package = "echarts",
        version = "6.1.0",
        sha256 = "681aff88cc1038c3fa941a3a53d1b177a52250b05335efc607d6105ae13be481",
        file = "dist/echarts.min.js",
    )
    _npm_package(
        name = "playwright_core",
        package = "playwright-core",
        # The newest that Debian 12's own nodejs runs.
        version = "1.60.0",
        sha256 = "8b1df81ba75e90a41eb5c996350ea7ecc1c915ea643ec55138f91c949c5a25bf",
        file = "index.js",
    )
