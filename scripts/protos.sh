#!/bin/bash
# Writes the Swift of Sources/*/proto/**/*.proto, with Debian's protoc and swift-protobuf's generator.
set -euo pipefail
cd "$(dirname "$0")/.."
# Not in debug: the plan of a build by product has all programs of dependencies in it, and a later
# `swift build --build-tests` that finds the plan would compile protoc, for ten minutes.
swift build -c release --product protoc-gen-swift
for folder in Sources/*/proto; do
	into=$(dirname "$folder")/Generated
	mkdir -p "$into"
	find "$into" -name '*.pb.swift' -delete
	(cd "$folder" && find . -name '*.proto' -printf '%P\n' | sort) | xargs \
		protoc --proto_path="$folder" --plugin=protoc-gen-swift=.build/release/protoc-gen-swift \
		--swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true \
		--swift_opt=FileNaming=PathToUnderscores --swift_out="$into"
done
