// Under `bazel test`, turns the arguments that firebreak_fuzz passes (corpus files) into those libFuzzer wants: a
// folder it may write to, filled with those files, and a time limit of $FUZZ_SECONDS. Run by hand, nothing is changed.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

std::string Environment(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value == nullptr ? fallback : value;
}

// Copies the seeds under unique names.
void FillCorpus(const std::vector<std::string>& seeds, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::filesystem::copy_file(seeds[i], folder / ("seed-" + std::to_string(i)),
                               std::filesystem::copy_options::overwrite_existing);
  }
}

std::vector<std::string> Rewritten(int argc, char** argv, const std::string& test_folder) {
  std::vector<std::string> arguments = {argv[0]};
  std::vector<std::string> seeds;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    (argument.starts_with("-") ? arguments : seeds).push_back(argument);
  }
  std::string corpus = test_folder + "/corpus";
  FillCorpus(seeds, corpus);
  arguments.push_back("-max_total_time=" + Environment("FUZZ_SECONDS", "5"));
  arguments.push_back("-timeout=10");
  arguments.push_back("-print_final_stats=1");
  arguments.push_back("-artifact_prefix=" + Environment("TEST_UNDECLARED_OUTPUTS_DIR", test_folder.c_str()) + "/");
  arguments.push_back(corpus);
  return arguments;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const char* test_folder = std::getenv("TEST_TMPDIR");
  if (test_folder == nullptr) return 0;
  // libFuzzer keeps pointers to the arguments for as long as it runs.
  static std::vector<std::string> arguments = Rewritten(*argc, *argv, test_folder);
  static std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  *argc = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  *argv = pointers.data();
  return 0;
}
