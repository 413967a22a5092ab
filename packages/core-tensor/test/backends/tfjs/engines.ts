import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";

/** The engine's backends that can be tried everywhere. */
export const engines = ["cpu", "wasm"] as const;

/** Chooses the engine's backend. */
export async function useEngine(name: string): Promise<void> {
  await tf.setBackend(name);
  await tf.ready();
}

/** What the engine holds. */
export function held(): { tensors: number; buffers: number } {
  const { numTensors, numDataBuffers } = tf.memory();
  return { tensors: numTensors, buffers: numDataBuffers };
}

export { tf };
