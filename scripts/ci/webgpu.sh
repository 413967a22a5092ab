#!/usr/bin/env bash
# Runs the tests of the webgpu provider of onnxruntime-node on SwiftShader, a Vulkan driver that computes on the processor.
# Debian's package chromium carries the driver and a Vulkan loader. With PARSIMONY_GPU=1 the machine's own driver is used.
#
# Exit status 77: there is no driver, and none can be installed (no root, or no package manager apt-get).
set -euo pipefail
cd "$(dirname "$0")/../.."

chromium=/usr/lib/chromium
driver=$chromium/vk_swiftshader_icd.json

if [ -z "${PARSIMONY_GPU:-}" ]; then
  if [ ! -f "$driver" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      echo "webgpu: no SwiftShader driver at $driver; install Debian's package chromium" >&2
      exit 77
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium >/dev/null
  fi
  export VK_DRIVER_FILES=$driver VK_ICD_FILENAMES=$driver
  # Only the loader is taken from there: other libraries of that folder are Chromium's own builds.
  loader=$(mktemp -d)
  trap 'rm -rf "$loader"' EXIT
  ln -s "$chromium/libvulkan.so.1" "$loader/libvulkan.so.1"
  export LD_LIBRARY_PATH=$loader${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi

npx --no-install vitest run --project webgpu
