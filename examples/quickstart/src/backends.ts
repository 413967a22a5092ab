import type { Backend } from "@parsimony/core-tensor";

export const backendNames = ["onnxruntime", "tfjs-cpu", "tfjs-wasm", "reference"] as const;
export type BackendName = (typeof backendNames)[number];

/** Opens an engine; each is loaded only when it is asked for. */
export async function openBackend(name: BackendName): Promise<Backend> {
  switch (name) {
    case "onnxruntime":
      return (await import("@parsimony/core-tensor/onnxruntime")).onnxruntime();
    case "reference":
      return (await import("@parsimony/core-tensor/reference")).reference();
    case "tfjs-cpu":
      await import("@tensorflow/tfjs-backend-cpu");
      return openTfjs("cpu");
    case "tfjs-wasm":
      await import("@tensorflow/tfjs-backend-wasm");
      return openTfjs("wasm");
  }
}

async function openTfjs(engine: string): Promise<Backend> {
  const tf = await import("@tensorflow/tfjs-core");
  const { tfjs } = await import("@parsimony/core-tensor/tfjs");
  if (!(await tf.setBackend(engine))) throw new Error(`TensorFlow.js could not start its ${engine} backend`);
  await tf.ready();
  return tfjs(tf);
}
