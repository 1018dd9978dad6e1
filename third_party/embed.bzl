"""firebreak_embed: files compiled into the program."""

def firebreak_embed(name, files, function, **kwargs):
    """A cc_library with the header `<package>/<name>.h` and one function.

    std::span<const EmbeddedFile> firebreak::<function>();  // in the order of `files`

    Args:
      name: of the library and its header.
      files: what to embed; their names must differ, folders are dropped.
      function: the function's name.
      **kwargs: passed on to cc_library.
    """
    header = "{}/{}.h".format(native.package_name(), name)
    native.genrule(
        name = name + "_h",
        outs = [name + ".h"],
        cmd = """
cat >$@ <<END
#pragma once
#include <span>
#include "third_party/embed/embedded_file.h"
namespace firebreak {
std::span<const EmbeddedFile> %s();
}  // namespace firebreak
END
""" % function,
    )
    native.genrule(
        name = name + "_cc",
        srcs = files,
        outs = [name + ".cc"],
        cmd = "$(execpath //third_party/embed) {} {} $(SRCS) >$@".format(function, header),
        # "exec_tools" and not "tools": under a sanitizer the tool is still built without one.
        exec_tools = ["//third_party/embed"],
    )
    native.cc_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = [name + ".h"],
        deps = ["//third_party/embed:embedded_file"],
        **kwargs
    )
