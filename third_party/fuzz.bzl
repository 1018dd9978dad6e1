"""firebreak_fuzz: one fuzz target, always a test."""

def firebreak_fuzz(name, srcs, deps = [], corpus = [], dictionary = None, size = "small", tags = [], **kwargs):
    """A test around `extern "C" int LLVMFuzzerTestOneInput(const uint8_t*, size_t)`.

    By default (gcc) it replays the corpus, the empty input and a few hundred fixed mutations of each file. With
    `--config=san` it is a libFuzzer binary under ASan and UBSan that starts from the corpus and runs for $FUZZ_SECONDS.
    For a long campaign run the binary by hand: `bazel-bin/x/y_fuzz -jobs=2 -runs=100000000 FOLDER`.

    Args:
      name: ends in "_fuzz".
      srcs: the source with the entry point; it must not define LLVMFuzzerInitialize.
      deps: what it fuzzes.
      corpus: files to start from.
      dictionary: a libFuzzer dictionary file, or None.
      size: as in cc_test.
      tags: beside "fuzz".
      **kwargs: passed on to cc_test.
    """
    if not name.endswith("_fuzz"):
        fail("{}: the name of a fuzz target ends in _fuzz".format(name))
    arguments = []
    data = []
    if corpus:
        native.filegroup(name = name + "_corpus", srcs = corpus, testonly = True)
        data.append(":{}_corpus".format(name))
        arguments.append("$(rootpaths :{}_corpus)".format(name))
    if dictionary:
        data.append(dictionary)
        arguments.append("-dict=$(rootpath {})".format(dictionary))
    native.cc_test(
        name = name,
        srcs = srcs + select({
            "//third_party/fuzz:libfuzzer": ["//third_party/fuzz:libfuzzer_arguments.cc"],
            "//conditions:default": ["//third_party/fuzz:replay_main.cc"],
        }),
        args = arguments,
        data = data,
        linkopts = select({
            "//third_party/fuzz:libfuzzer": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        size = size,
        tags = ["fuzz"] + tags,
        deps = deps,
        **kwargs
    )
