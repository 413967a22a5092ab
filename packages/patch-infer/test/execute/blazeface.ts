import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { type Network, networkOf } from "@parsimony/patch-infer";

/** BlazeFace as MediaPipe ships it. */
export function blazeface(range: "short" | "full"): Network {
  const name = `@mediapipe/face_detection/face_detection_${range}_range.tflite`;
  return networkOf(readTflite(readFileSync(createRequire(import.meta.url).resolve(name))));
}
