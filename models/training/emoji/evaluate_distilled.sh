#!/bin/sh
# Draws what the distilled model's card shows and measures it beside its teacher: from models/training, after a build.
set -e
runs=../../runs/emoji-eval
mkdir -p $runs/distilled
draw() { out=$1; shift; node emoji/sample.mjs --model ../emoji-turbo --prompts $runs/prompts.json --out "$runs/distilled/$out.bin" "$@"; }
node emoji/sample.mjs --model ../emoji-turbo --prompts $runs/grid.json --out $runs/distilled-grid.bin
for steps in 1 2 4; do draw $steps --steps $steps; done
draw "int8" --count 400 --steps 4
draw "q8 in place of int8" --count 400 --steps 4 --dtype q8
python3 -m emoji.evaluate --samples $runs/distilled/*.bin --out ../emoji-turbo/metrics.json
python3 -m emoji.distilled_card
