#!/usr/bin/env bash
# Compiles the C that patch-infer writes for this machine (also with sanitizers) and for Cortex-M4 and M7, runs it here and in
# QEMU, and compares outputs with PatchExecutor's and memory with the plans. Missing compilers come from Debian's packages.
#
# Exit status 77: something is missing, and it can't be installed (no root, or no package manager apt-get).
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=()
command -v gcc >/dev/null || packages+=(gcc libc6-dev)
command -v arm-none-eabi-gcc >/dev/null || packages+=(gcc-arm-none-eabi)
echo '#include <math.h>' | arm-none-eabi-gcc -E - >/dev/null 2>&1 || packages+=(libnewlib-arm-none-eabi)
command -v qemu-system-arm >/dev/null || packages+=(qemu-system-arm)

if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "patchInferC: not installed: ${packages[*]}" >&2
    exit 77
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

node --conditions=@parsimony/source --import tsx packages/patch-infer/scripts/checkC.ts
