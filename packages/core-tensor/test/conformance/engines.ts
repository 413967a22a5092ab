import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Backend } from "../../src/backends/backend.ts";
import { tfjs } from "../../src/backends/tfjs/index.ts";

/** A backend on TensorFlow.js with one of its own backends, which is loaded here. */
export async function tfjsOn(device: "cpu" | "wasm"): Promise<Backend> {
  const tf = await import("@tensorflow/tfjs-core");
  if (device === "cpu") await import("@tensorflow/tfjs-backend-cpu");
  else {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  }
  await tf.setBackend(device);
  return tfjs(tf as unknown as Parameters<typeof tfjs>[0]);
}
