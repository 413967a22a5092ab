#!/usr/bin/env bash
# The main job, shortened to one epoch: it must run to its end from the sources.
set -eu
cd "$(dirname "$0")/../.."
npm run --silent start -- --epochs 1
