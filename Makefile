# Everything a developer or a continuous-integration machine does, by name. `make help` lists it.

# What the build needs beyond Swift 6.2 or newer: ONNX's protobuf classes, LLVM 19 with FileCheck (for
# tests), zip archives for numpy's .npz, decoders of images, C compilers that link the compiled
# models, for this machine and for AArch64, and Python for the benchmarks against other runtimes.
PACKAGES := build-essential gcc-aarch64-linux-gnu libc6-dev-arm64-cross libjpeg62-turbo-dev libonnx-dev libopenjp2-7-dev libpng-dev libprotobuf-dev libtiff-dev libwebp-dev libzip-dev llvm-19-dev llvm-19-tools python3-venv

SWIFT_SOURCES = Package.swift Sources Passes Tests
MARTLET := .build/release/martlet

.PHONY: help setup build demo test bench page format lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing
	@.ci/setup $(PACKAGES)

build: setup ## release build, leaves .build/release/martlet
	swift build -c release --product martlet

demo: build ## compile a small trained model and run it
	@Models/demo.sh $(MARTLET)

test: setup ## build everything in release mode and run all tests
	swift build -c release --build-tests
	swift test -c release --skip-build --disable-xctest

bench: build ## time Martlet, onnxruntime and OpenVINO in one interleaved run (needs PyPI)
	Benchmarks/run.sh $(BENCH)

page: build ## open the pages of a profile and of a quantization in chromium, where there is one, and take pictures
	@.ci/check-page $(MARTLET)

format: ## format the Swift sources in place
	swift format -i -r -p $(SWIFT_SOURCES)

lint: ## check the format, the rules of .swift-format, and what documents refer to
	swift format lint --strict -r -p $(SWIFT_SOURCES)
	@.ci/check-file-lengths
	@.ci/check-documents

clean: ## remove everything that was built
	rm -rf .build Benchmarks/.venv Models/.venv
