#include "rules/yaml_node.h"

#include <exception>
#include <istream>
#include <sstream>
#include <utility>

#include "fmt/format.h"
#include "rules/text_fault.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/mark.h"
#include "yaml-cpp/parser.h"

namespace firebreak {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Ends the reading of a document from within yaml-cpp's callbacks. Never leaves this file.
struct Refusal {
  Place place;
  std::string message;
};

Place PlaceOf(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

// Whether the quoted text that begins at `opening` ends. yaml-cpp takes one that is cut off at the end of the file.
bool IsQuoteClosed(std::string_view text, size_t opening) {
  const char quote = text[opening];
  for (size_t i = opening + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      const bool is_doubled = quote == '\'' && i + 1 < text.size() && text[i + 1] == quote;
      if (!is_doubled) return true;
      ++i;
    }
  }
  return false;
}

enum class Documents { kOne, kMany };

// Builds a tree of each document out of yaml-cpp's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, Documents documents) : text_(text), documents_(documents) {}

  // The documents read.
  std::vector<YamlNode> Take() { return std::move(roots_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_ == Documents::kOne && ++num_documents_ > 1) {
      throw Refusal{PlaceOf(mark), "a second document, wanted one to a file"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Attach(NewNode(YamlNode::Kind::kNull, mark, "", anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { RefuseAnchor(mark); }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { RefuseAnchor(mark); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = NewNode(YamlNode::Kind::kScalar, mark, tag, anchor);
    const auto at = static_cast<size_t>(mark.pos);
    const bool is_quoted = at < text_.size() && (text_[at] == '"' || text_[at] == '\'');
    if (is_quoted && !IsQuoteClosed(text_, at)) throw Refusal{PlaceOf(mark), "a quoted text without its closing quote"};
    node.text = value;
    Attach(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(NewNode(YamlNode::Kind::kSequence, mark, tag, anchor));
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(NewNode(YamlNode::Kind::kMap, mark, tag, anchor));
  }
  void OnMapEnd() override { Close(); }

 private:
  [[noreturn]] static void RefuseAnchor(const YAML::Mark& mark) {
    throw Refusal{PlaceOf(mark), "an anchor or alias, wanted the value itself"};
  }

  YamlNode NewNode(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) RefuseAnchor(mark);
    // "?" and "!" stand for no tag at all on a plain and on a quoted value.
    if (!tag.empty() && tag != "?" && tag != "!") throw Refusal{PlaceOf(mark), "a tag, wanted the plain value"};
    if (++num_nodes_ > kMaxYamlNodes) {
      throw Refusal{PlaceOf(mark), fmt::format("more than {} values, wanted fewer", kMaxYamlNodes)};
    }
    YamlNode node;
    node.kind = kind;
    node.place = PlaceOf(mark);
    return node;
  }

  void Open(YamlNode node) {
    if (open_.size() >= kMaxYamlDepth) {
      throw Refusal{node.place, fmt::format("nested deeper than {} levels", kMaxYamlDepth)};
    }
    open_.push_back(std::move(node));
  }

  void Close() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    Attach(std::move(node));
  }

  void Attach(YamlNode node) {
    if (open_.empty()) {
      roots_.push_back(std::move(node));
      return;
    }
    YamlNode& parent = open_.back();
    const bool is_key = parent.kind == YamlNode::Kind::kMap && parent.keys.size() == parent.values.size();
    (is_key ? parent.keys : parent.values).push_back(std::move(node));
  }

  std::string_view text_;
  Documents documents_;
  std::vector<YamlNode> roots_;
  std::vector<YamlNode> open_;  // from the root inwards
  int num_documents_ = 0;
  int num_nodes_ = 0;
};

std::vector<YamlNode> Build(std::string_view text, Documents documents) {
  std::istringstream input{std::string(text)};
  YAML::Parser parser(input);
  TreeBuilder builder(text, documents);
  if (!parser.HandleNextDocument(builder)) {
    const std::string_view wanted = documents == Documents::kOne ? "at least slo_tiers" : "at least one document";
    throw Refusal{{}, fmt::format("the file is empty, wanted {}", wanted)};
  }
  // Where there is to be one document the builder refuses a second; an end of the file is what is hoped for.
  while (parser.HandleNextDocument(builder)) {
  }
  return builder.Take();
}

// Whether the text may be shown to yaml-cpp.
bool IsReadable(std::string_view text, FindingList& findings) {
  if (text.size() > kMaxYamlBytes) {
    findings.Add(FindingKind::kError, {},
                 fmt::format("the file has {} bytes, wanted at most {}", text.size(), kMaxYamlBytes));
    return false;
  }
  if (const std::optional<TextFault> fault = FindTextFault(text)) {
    findings.Add(FindingKind::kError, fault->place, fault->message);
    return false;
  }
  return true;
}

std::optional<std::vector<YamlNode>> Read(std::string_view text, Documents documents, FindingList& findings) {
  if (!IsReadable(text, findings)) return std::nullopt;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  try {
    return Build(text, documents);
  } catch (const Refusal& refusal) {
    findings.Add(FindingKind::kError, refusal.place, refusal.message);
  } catch (const YAML::Exception& error) {
    findings.Add(FindingKind::kError, PlaceOf(error.mark), fmt::format("not valid YAML: {}", error.msg));
  } catch (const std::exception& error) {
    findings.Add(FindingKind::kError, {}, fmt::format("cannot be read as YAML: {}", error.what()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<YamlNode> ReadYaml(std::string_view text, FindingList& findings) {
  std::optional<std::vector<YamlNode>> documents = Read(text, Documents::kOne, findings);
  if (!documents.has_value()) return std::nullopt;
  return std::move(documents->front());
}

std::optional<std::vector<YamlNode>> ReadYamlDocuments(std::string_view text, FindingList& findings) {
  return Read(text, Documents::kMany, findings);
}

}  // namespace firebreak
