#ifndef FIREBREAK_RULES_IMPORT_OPENSLO_POLICIES_H_
#define FIREBREAK_RULES_IMPORT_OPENSLO_POLICIES_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/import/imported_slo.h"

namespace firebreak {

// The AlertCondition and AlertPolicy objects of all files, and the pairs they stand for. The conditions of a policy
// must all hold: two burn rates of one threshold over two windows are a pair. Thread-compatible.
class OpenSloPolicies {
 public:
  // Documents of their own; conditions come before the policies, policies before the SLOs that refer to them.
  void AddCondition(const Field& field, YamlReader& reader);
  void AddPolicy(const Field& field, YamlReader& reader);

  // An entry of an SLO's alertPolicies: a policy, or a reference to one. nullopt where there is no pair in it.
  std::optional<ImportedPair> ReadEntry(const Field& field, YamlReader& reader);

  // Notes the policies that no entry referred to.
  void NoteUnused() const;

 private:
  struct Condition {
    bool is_burn_rate = true;
    Decimal threshold;
    absl::Duration lookback;  // 0 after a fault
    absl::Duration alert_after;
    Severity severity = Severity::kTicket;
  };
  struct Policy {
    Origin origin;
    std::string name;
    bool alerts = true;
    std::vector<Condition> conditions;
  };

  static void ReadConditionSpec(const Field& field, YamlReader& reader, Condition& condition);
  static void ReadBurn(const Field& field, YamlReader& reader, Condition& condition);
  static void ReadSeverity(const Field& field, YamlReader& reader, Condition& condition);
  static void ReadKind(const Field& field, YamlReader& reader, Condition& condition);
  static void ReadOperator(const Field& field, YamlReader& reader);
  Policy ReadPolicy(const Field& field, YamlReader& reader) const;
  void ReadPolicySpec(const Field& field, YamlReader& reader, Policy& policy) const;
  void ReadConditionEntry(const Field& field, YamlReader& reader, Policy& policy) const;

  static std::string WhyNoPair(const Policy& policy);
  static std::optional<ImportedPair> PairOf(const Policy& policy);
  static void SetWindows(const Policy& policy, ImportedPair& pair);

  std::map<std::string, Condition> conditions_;
  std::map<std::string, Policy> policies_;
  std::set<std::string> used_;
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_IMPORT_OPENSLO_POLICIES_H_
