/* The C++ and Swift runtimes' own demanglers, declared: neither has a C header. */
#ifndef HEARTH_DEMANGLING_H
#define HEARTH_DEMANGLING_H

#include <stddef.h>

/* Itanium C++ ABI, __cxa_demangle; NULL when it is no such name. Free the result. */
char *demangle_cxx(const char *name);

/* Swift's runtime, swift_demangle; NULL when it is no such name. Free the result. */
char *demangle_swift(const char *name, size_t length);

#endif
