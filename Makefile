# `make` alone lists the targets and what this machine has. No target needs root; only restoring packages and `make data` need a network.
SHELL := /bin/sh
SLN := CudnnResNet.sln
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help ptx ptx-update ptx-verify build test test-all train-emulated fuzz soak bench bench-peers bench-accuracy bench-scaling gpu-bundle gpu-check evidence pack audit clean data

help:
	@echo "CudnnResNet"
	@echo "  make ptx             build the CUDA kernels (kernels/*.cu) with nvcc or clang-19; without either, check the PTX that is here"
	@echo "  make build           build everything (optimised)"
	@echo "  make test            the tests, in minutes"
	@echo "  make test-all        the long tests too"
	@echo "  make fuzz            hostile files for every reader, a minute; SECONDS=600 for longer, ARGS=... for more"
	@echo "  make soak            one fault after another for SECONDS=60: what was lost, hung, leaked (ARGS=... for more)"
	@echo "  make train-emulated  train on the GPU emulator of the tests: an emulator, not hardware (ARGS=... for more)"
	@echo "  make bench           this machine's speed: a training step and inference of ResNet-20"
	@echo "  make bench-peers     speed beside libtorch and ONNX Runtime (restores more than a gigabyte of packages)"
	@echo "  make bench-accuracy  time to 90 % test accuracy beside libtorch (two whole trainings, an epoch each in turn)"
	@echo "  make bench-scaling   our cost by depth and batch (no packages)"
	@echo "  make gpu-check       on a machine with a GPU: is all right, and how fast? Report in docs/gpu-runs, in 8 minutes"
	@echo "  make gpu-bundle      that check as one program, for a machine without .NET and network"
	@echo "  make ptx-update      refresh the checked-in PTX after a change of the kernels (clang-19)"
	@echo "  make ptx-verify      registers and spills of the kernels (ptxas)"
	@echo "  make data            download CIFAR-10"
	@echo "  make pack            the NuGet packages and the tool cudnn-resnet, in artifacts/packages"
	@echo "  make audit           known vulnerabilities among the packages, where a source of advisories can be asked"
	@echo "  make evidence        the README's results from results/, and its figures beside docs/evidence.md"
	@echo "  make clean           remove build outputs (never runs/ or data/)"
	@echo
	@tools/check-machine.sh

ptx:
	@tools/ptx.sh build

ptx-update:
	@tools/ptx.sh update

ptx-verify:
	@tools/ptx.sh verify

build:
	dotnet build $(SLN) --nologo -v quiet

test:
	@tools/test.sh 'TestCategory!=Long'

test-all:
	@tools/test.sh 'TestCategory=Long'

# Goes on from the inputs that it has found before, in artifacts/fuzz.
fuzz:
	dotnet build tests/Fuzz --nologo -v quiet
	@dotnet run --no-build --project tests/Fuzz -- all --seconds $(or $(SECONDS),60) $(ARGS)

soak:
	@tools/soak.sh $(or $(SECONDS),60) $(ARGS)

# A few steps of a small network on a few drawn images: the emulator takes seconds for what a GPU does in no time.
train-emulated: build
	@tools/train-emulated.sh $(ARGS)

bench: build
	dotnet run --no-build --project Runner -- bench --depth 20 --mode train
	dotnet run --no-build --project Runner -- bench --depth 20 --mode infer

bench-peers:
	dotnet run --project bench/Peers -- speed

bench-accuracy:
	dotnet run --project bench/Peers -- accuracy

bench-scaling:
	dotnet run --project bench/Peers -- scaling

gpu-bundle:
	@tools/gpu-check.sh bundle

gpu-check:
	@tools/gpu-check.sh run $(ARGS)

evidence: build
	@tools/evidence.sh

pack:
	@tools/pack.sh

data:
	dotnet run --project Runner -- data download

audit:
	@tools/audit.sh

clean:
	rm -rf artifacts TestResults
	find . -type d \( -name bin -o -name obj \) -not -path './.git/*' -prune -exec rm -rf {} +
