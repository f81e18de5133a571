/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#ifndef HEARTH_CONFIG_BPF_H
#define HEARTH_CONFIG_BPF_H

#include "kernel_types.bpf.h"

/* The only variable of .rodata: user space writes it there before load. */
const volatile struct sampling_settings settings;

#endif
