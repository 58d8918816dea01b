#!/bin/bash
# A small trained model from ONNX file to native code: inspected, compiled, checked, called from C, and timed beside
# the interpreter and onnxruntime.
# Usage: Models/demo.sh MARTLET
set -euo pipefail
cd "$(dirname "$0")/.."
martlet=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
step() { say "$@"; "$@"; }

step "$martlet" inspect Models/digits_cnn.onnx
step "$martlet" compile Models/digits_cnn.onnx -o "$out/digits_cnn.so"
step "$martlet" verify Models/digits_cnn.onnx --artefact "$out/digits_cnn.so" \
  --input image=Models/digits_eval.npz

say "martlet compile Models/digits_cnn.onnx -o digits_cnn.a && cc demo.c digits_cnn.a -o demo && ./demo"
"$martlet" compile Models/digits_cnn.onnx -o "$out/digits_cnn.a"
cc -O2 -Wall -I "$out" Models/demo.c "$out/digits_cnn.a" -o "$out/demo" -lm -pthread
"$out/demo"

step "$martlet" compile Models/digits_transformer.onnx -o "$out/digits_transformer"
step "$out/digits_transformer" --selftest
step "$out/digits_transformer" --input image=Models/digits_eval.npz --bench --seconds 1

# onnxruntime comes from PyPI, once; without it the two engines are timed one after the other.
peers=interpreter,onnxruntime
say "$martlet" bench Models/digits_cnn.onnx --against "$peers" --seconds 3
if ! "$martlet" bench Models/digits_cnn.onnx --against "$peers" --seconds 3; then
  echo "without PyPI:"
  step "$martlet" bench Models/digits_cnn.onnx --seconds 1
  step "$martlet" bench Models/digits_cnn.onnx --seconds 1 --engine interpreter
fi
