/* libbpf's public API; linked statically so that the daemon is one file. */
#pragma once
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
