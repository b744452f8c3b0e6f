#!/bin/sh
# Halves, or nearly halves, an interval until it holds the square root of two: sh train.sh SHARE STEPS
set -eu
awk -v share="$1" -v steps="$2" 'BEGIN {
    low = 1; high = 2
    for (step = 1; step <= steps; step++) {
        middle = low + share * (high - low)
        if (middle * middle < 2) low = middle; else high = middle
        printf "step %d root %.6f width %.6f\n", step, middle, high - low
    }
}'
