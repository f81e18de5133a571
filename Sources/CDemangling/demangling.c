#include "demangling.h"

#include <stdint.h>

/* libstdc++ / libsupc++, cxxabi.h */
extern char *__cxa_demangle(const char *name, char *buffer, size_t *length, int *status);
/* libswiftCore, stdlib/public/runtime/Demangle.cpp */
extern char *swift_demangle(const char *name, size_t length, char *buffer, size_t *size,
			    uint32_t flags);

char *demangle_cxx(const char *name)
{
	int status = 0;

	return __cxa_demangle(name, NULL, NULL, &status);
}

char *demangle_swift(const char *name, size_t length)
{
	return swift_demangle(name, length, NULL, NULL, 0);
}
