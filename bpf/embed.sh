#!/bin/sh
# Compiles one BPF program and writes it as a Swift file; called by Plugins/EmbedBPF.
# usage: embed.sh CLANG LLVM_OBJCOPY SOURCE.bpf.c OUTPUT.swift STEM
set -eu
clang=$1 objcopy=$2 source=$3 output=$4 stem=$5
case $(uname -m) in
x86_64) arch=x86 ;;
*) echo "error: no BPF register file for $(uname -m) in bpf/lib/arch" >&2; exit 1 ;;
esac
object=$output.o
root=$(dirname "$(dirname "$source")")
"$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -D__TARGET_ARCH_$arch \
	-ffile-prefix-map="$root"=bpf -c "$source" -o "$object"
# .BTF and .BTF.ext stay: CO-RE needs them.
"$objcopy" --strip-debug "$object"
name=$(echo "$stem" | awk -F_ '{ printf "%s", $1; for (i = 2; i <= NF; i++) printf "%s%s", toupper(substr($i, 1, 1)), substr($i, 2) }')
{
	echo "extension BPFProgramObjects {"
	echo "    /// bpf/programs/$stem.bpf.c, compiled; base64."
	printf '    static let %s: StaticString = "' "$name"
	base64 -w 0 "$object"
	echo '"'
	echo "}"
} >"$output"
