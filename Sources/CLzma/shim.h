/* liblzma: `.gnu_debugdata` is an xz file; linked statically. */
#pragma once
#include <lzma.h>
