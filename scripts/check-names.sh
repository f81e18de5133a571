#!/bin/bash
# Fails on names that say nothing, and on the glossary's banned synonyms in declarations.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0
files=$(git ls-files --cached --others --exclude-standard Sources bpf Plugins Tests Fuzzing web)
# CommonInformation is DWARF's own word (common information entry).
bad=$(printf '%s\n' "$files" | grep -v /CommonInformation | grep -E '(Utils?|Helpers?|Manager|Common|Misc|Types)[^/]*\.(swift|c|h|js)$')
[ -n "$bad" ] && { echo "file names that say nothing:"; echo "$bad"; status=1; }
banned='(class|struct|enum|protocol|actor|func|var|let|case) +`?[A-Za-z]*(Utils|Helper|Manager|Misc)\b'
synonyms='(class|struct|enum|protocol|actor) +`?(Symboliser|Backtrace|Callchain|DSO|VMA|Slide)\b'
bad=$(printf '%s\n' "$files" | grep -E '\.swift$' | xargs grep -nE "$banned|$synonyms")
[ -n "$bad" ] && { echo "banned names (docs/GLOSSARY.md has the words to use):"; echo "$bad"; status=1; }
exit $status
