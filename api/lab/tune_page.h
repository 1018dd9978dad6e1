#ifndef FIREBREAK_API_LAB_TUNE_PAGE_H_
#define FIREBREAK_API_LAB_TUNE_PAGE_H_

#include <string>

#include "api/lab/tune_report.h"

namespace firebreak {

// The report as a self-contained HTML page (page.h): for each SLO the Pareto front as a chart, incidents and alerts
// over time, the numbers, and the YAML to paste.
std::string TunePage(const TuneReport& report);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_TUNE_PAGE_H_
