#ifndef HEARTH_FUZZER_H
#define HEARTH_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer as a library (compiler-rt's FuzzerDriver.cpp): runs `test` on inputs until told to
 * stop. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *input, size_t count));

#endif
