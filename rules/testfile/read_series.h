#ifndef FIREBREAK_RULES_TESTFILE_READ_SERIES_H_
#define FIREBREAK_RULES_TESTFILE_READ_SERIES_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/testfile/context.h"
#include "rules/testfile/test_file.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// The counters that a series may be: those of our /metrics.
//   firebreak_requests_total{tier, status_class, endpoint, source}
//   firebreak_slo_requests_total{tier, slo, endpoint, source}, firebreak_slo_bad_requests_total, likewise
// `metric` stands for the first where rules go by another counter. tier or endpoint may be missing, source is "rum"
// then.
inline constexpr std::string_view kRequestsSeries = "firebreak_requests_total";
inline constexpr std::string_view kSloRequestsSeries = "firebreak_slo_requests_total";
inline constexpr std::string_view kSloBadRequestsSeries = "firebreak_slo_bad_requests_total";

enum class SeriesLabels { kAsKnown, kAsExported };

// input_series: a list of {series, values}. Sets context.end. REQUIRES: traffic.interval is set.
void ReadSeries(const Field& field, std::string_view metric, SeriesLabels labels, TestContext& context,
                SeriesTraffic& traffic);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_READ_SERIES_H_
