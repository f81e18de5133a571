/* libzstd: the store compresses its blobs with it; linked statically. */
#pragma once
#include <zstd.h>
