// Whole networks, layer by layer on one thread: ours, onnxruntime-node and tfjs-backend-wasm, in turns.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/networks.ts
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Graph, random } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { initMobileNet, mobileNetGraph, mobileNetV2 } from "../src/architecture/index.ts";
import { networkGraph } from "../src/deploy/patchedGraph.ts";
import { PatchExecutor } from "../src/execute/patchExecutor.ts";
import { randomInputs } from "../src/execute/randomInputs.ts";
import { typescriptKernels } from "../src/kernels/typescriptKernels.ts";
import { networkOf } from "../src/lower/networkOf.ts";
import type { FeatureMap, Network, Port } from "../src/network/network.ts";
import { planLayers } from "../src/plan/planStages.ts";
import { quantizeInt8 } from "../src/quantize/quantizeInt8.ts";
import { randomFloats } from "../test/kernels/oneLayer.ts";
import { inTurns } from "./kernels/inTurns.ts";
import { tfjsNetwork } from "./kernels/tfjsNetwork.ts";

const require = createRequire(import.meta.url);
setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
await tf.setBackend("wasm");

async function blazeFace(): Promise<Graph> {
  const folder = dirname(require.resolve("@mediapipe/face_detection/package.json"));
  return readTflite(await readFile(`${folder}/face_detection_short_range.tflite`));
}

function mobileNet(): Graph {
  const net = mobileNetV2();
  return mobileNetGraph(net, initMobileNet(net, random.key(1)));
}

/** @param tfjsToo TensorFlow.js has no int8. */
async function measure(name: string, graph: Graph, network: Network, tfjsToo: boolean): Promise<string> {
  const port = network.inputs[0] as Port;
  const { height, width, channels } = network.maps[port.map] as FeatureMap;
  const image = randomFloats(height * width * channels, 5);
  const plan = planLayers(network);
  const wasm = new PatchExecutor(network, plan);
  const typescript = new PatchExecutor(network, plan, { kernels: typescriptKernels });
  const session = await InferenceSession.create(writeOnnx(graph), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feed = { [session.inputNames[0] as string]: new OrtTensor("float32", image, [...port.shape]) };
  const shape: [number, number, number, number] = [1, height, width, channels];
  const input = tf.tidy(() =>
    port.layout === "nchw"
      ? tf.transpose(tf.tensor4d(image, [1, channels, height, width]), [0, 2, 3, 1])
      : tf.tensor4d(image, shape),
  ) as tf.Tensor4D;
  const engines: (() => unknown)[] = [() => wasm.run(image), () => session.run(feed)];
  if (tfjsToo) {
    const tfjs = tfjsNetwork(network);
    engines.push(() => tfjs(input));
  }
  const [a, c, d] = await inTurns(engines, { rounds: 15, milliseconds: 4000 });
  const [b] = await inTurns([() => typescript.run(image)], { rounds: 3, milliseconds: 100 });
  await session.release();
  const times = [a, b, c, d].map((time) => time?.min ?? Number.NaN);
  const macs = plan.macs.network / 1e6;
  const speeds = times.map((time) => (Number.isNaN(time) ? "" : `${time.toFixed(2)} ms (${(macs / time).toFixed(2)})`));
  const ratios = [times[2], times[3]].map((time = Number.NaN) => {
    const ratio = time / (times[0] ?? Number.NaN);
    return Number.isNaN(ratio) ? "" : ratio.toFixed(2);
  });
  return `| ${[name, macs.toFixed(1), ...speeds, ...ratios].join(" | ")} |`;
}

/** The same with int8 inside and float ports, as onnxruntime takes it too: quantise and dequantise around float operators, which it fuses. */
function quantized(network: Network): Network {
  return quantizeInt8(
    network,
    [1, 2].map((seed) => randomInputs(network, seed)),
  );
}

console.log(
  "| network | MMAC | wasm (GMAC/s) | TypeScript | onnxruntime | tfjs-wasm | onnxruntime / wasm | tfjs / wasm |",
);
console.log("|---|--:|--:|--:|--:|--:|--:|--:|");
for (const [name, graph] of [
  ["MobileNetV2 1.0 at 224", mobileNet()],
  ["BlazeFace short range", await blazeFace()],
] as const) {
  const network = networkOf(graph);
  console.log(await measure(name, graph, network, true));
  const int8 = quantized(network);
  console.log(await measure(`${name}, int8`, networkGraph(int8), int8, false));
}
