"""npm_file: one file of an npm package as a target, for libraries that run in a browser.

The package comes by `npm pack`, so from wherever the npm of this machine is told to get packages, and must have the
sha256 that is written down beside its version: what is inlined in our pages is what was looked at.
"""

def _npm_file_impl(ctx):
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
""".format(file = ctx.attr.file, name = ctx.name))

_npm_file = repository_rule(
    implementation = _npm_file_impl,
    attrs = {
        "package": attr.string(mandatory = True),
        "version": attr.string(mandatory = True, doc = "exact"),
        "sha256": attr.string(mandatory = True, doc = "of the archive that `npm pack` writes"),
        "file": attr.string(mandatory = True, doc = "within the package"),
    },
    environ = ["PATH"],
)

def npm_files():
    """Declares every browser library that docs/dependencies.md lists."""
    _npm_file(
        name = "echarts",
        package = "echarts",
        version = "6.1.0",
        sha256 = "681aff88cc1038c3fa941a3a53d1b177a52250b05335efc607d6105ae13be481",
        file = "dist/echarts.min.js",
    )
