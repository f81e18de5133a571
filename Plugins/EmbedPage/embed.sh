#!/bin/sh
# embed.sh OUTPUT FILE… writes a Swift table of the files: name, media type, hash and base64.
set -eu

output=$1
shift

media_type() {
    case $1 in
    *.html) echo 'text/html; charset=utf-8' ;;
    *.css) echo 'text/css; charset=utf-8' ;;
    *.js) echo 'text/javascript; charset=utf-8' ;;
    *.svg) echo 'image/svg+xml' ;;
    *)
        echo "$1: no media type is known for this extension; add it to Plugins/EmbedPage/embed.sh" >&2
        exit 1
        ;;
    esac
}

{
    echo 'let embeddedFiles: [EmbeddedFile] = ['
    for file in "$@"; do
        type=$(media_type "$file")
        hash=$(sha256sum "$file" | cut -c1-32)
        printf '    EmbeddedFile(\n        name: "%s", contentType: "%s", hash: "%s",\n        base64: "' \
            "${file##*/}" "$type" "$hash"
        base64 -w 0 "$file"
        printf '"),\n'
    done
    echo ']'
} >"$output.tmp"
mv "$output.tmp" "$output"
