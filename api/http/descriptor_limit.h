#ifndef FIREBREAK_API_HTTP_DESCRIPTOR_LIMIT_H_
#define FIREBREAK_API_HTTP_DESCRIPTOR_LIMIT_H_

#include <cstdint>

namespace firebreak {

// Raises the process's limit of open files as far as it may go (the hard limit) and returns what it is now.
int64_t RaiseDescriptorLimit();

// How many connections to serve: as configured, but leaving 64 descriptors to the rest of the process; at least 1.
// Pure.
int64_t ConnectionCapacity(int64_t configured, int64_t descriptor_limit);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_DESCRIPTOR_LIMIT_H_
