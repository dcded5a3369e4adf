#!/bin/sh
# manpage.sh RT386 PAGE: every option of every help page stands in the manual page. TAP on stdout.
set -u
count=0
page=$(sed 's/\\-/-/g; s/\\f.//g' "$2")
for command in run lab info dump seg rules moo trace objects vt vf vk vq pdp lesson; do
    help=$("$1" "$command" --help) || exit 1
    options=$(printf '%s\n' "$help" | grep -oE '^  (-[a-z], |    )?--?[a-z][a-z-]*' | grep -oE -- '--[a-z-]+|-[a-z]+$' | sort -u)
    [ -n "$options" ] || { echo "Bail out! no options in the help of $command"; exit 1; }
    for option in $options; do
        count=$((count + 1))
        if printf '%s\n' "$page" | grep -qE -- "(^|[^a-z-])$option([^a-z-]|\$)"; then
            echo "ok $count - $command $option"
        else
            echo "not ok $count - $command $option is not in the manual page"
        fi
    done
done
echo "1..$count"
