#!/bin/sh
# A program in another language: program.sh BATCH RATE
echo '{"datasetSamples": 96}'
echo "started with $1 and $2"
i=0
while [ $i -lt 40 ]; do
  i=$((i + 1))
  echo "{\"loss\": $(awk "BEGIN { print 1 / $i }"), \"samples\": $1}"
done
