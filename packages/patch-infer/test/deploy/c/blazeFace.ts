import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { networkOf } from "../../../src/lower/networkOf.ts";
import type { Network } from "../../../src/network/network.ts";

/** BlazeFace of short range (128 x 128, float32), from its npm package. */
export function blazeFace(): Network {
  const folder = dirname(createRequire(import.meta.url).resolve("@mediapipe/face_detection/package.json"));
  return networkOf(readTflite(readFileSync(join(folder, "face_detection_short_range.tflite"))));
}
