#!/bin/sh
# Draws what the card shows and measures it: from models/training, after a build, with the denoiser.pt that was exported. With
# onnxruntime-node it takes about ten minutes.
set -e
runs=../../runs/emoji-eval
denoiser=${1:-../../runs/emoji-denoiser/denoiser.pt}
draw() { out=$1; shift; node emoji/sample.mjs --model ../emoji --prompts $runs/prompts.json --out "$runs/$out.bin" "$@"; }
node emoji/sample.mjs --model ../emoji --prompts $runs/grid.json --out $runs/grid.bin
draw default
draw "q8 in place of int8" --count 400 --dtype q8
draw "int8" --count 400
python3 -m emoji.export --float32 --autoencoder ../emoji --denoiser "$denoiser" --out $runs/float32
cp -r ../emoji/tokenizer $runs/float32
draw "float32 in place of int8" --count 400 --model $runs/float32 --dtype fp32
for steps in 4 8 10; do draw "$steps steps" --count 200 --steps $steps; done
for scale in 1 2 3 6; do draw "guidance $scale" --count 200 --guidance $scale; done
mkdir -p $runs/drawn && mv $runs/*.bin $runs/drawn && mv $runs/drawn/grid.bin $runs
python3 -m emoji.evaluate --samples $runs/drawn/*.bin --out ../emoji/metrics.json
python3 -m emoji.card
