/* zlib: gzip for pprof bodies. */
#pragma once
#include <zlib.h>
