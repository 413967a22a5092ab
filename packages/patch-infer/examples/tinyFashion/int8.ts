import { PatchExecutor, quantizeCells, quantizeInt8 } from "@parsimony/patch-infer";
import { type MobileNet, type MobileNetParams, mobileNetGraph } from "@parsimony/patch-infer/architecture";
import { type Clothes, canvasSize, drawCanvases, resizeCanvases } from "./canvases.ts";
import { type Schedule, planWithin } from "./spaces.ts";
import { testCanvases } from "./train.ts";

export interface Int8Result {
  readonly accuracy: number;
  readonly arenaBytes: number;
  /** Of the last image: the executor's own count of the bytes that were touched. */
  readonly highWaterBytes: number;
  readonly lowerBoundBytes: number;
  readonly macs: number;
  /** Layer by layer. */
  readonly networkMacs: number;
  readonly stages: readonly string[];
}

/** Images that show the ranges of the feature maps. */
const calibrationImages = 64;

/** The network as int8 inside an arena of at most so many bytes, on test canvases: every image runs through the patched plan. */
export function int8Result(
  net: MobileNet,
  params: MobileNetParams,
  {
    schedule,
    bytes,
    train,
    test,
    images,
  }: { schedule: Schedule; bytes: number; train: Clothes; test: Clothes; images: number },
): Int8Result {
  const cells = net.resolution ** 2;
  const first = Int32Array.from({ length: calibrationImages }, (_, i) => i);
  const calibration = resizeCanvases(drawCanvases(train, first, 5), net.resolution);
  const samples = Array.from({ length: calibrationImages }, (_, i) => calibration.subarray(i * cells, (i + 1) * cells));
  const network = quantizeInt8(mobileNetGraph(net, params), samples, { ports: "int8" });
  const plan = planWithin(network, schedule, bytes);
  if (plan === null) throw new Error(`the quantised network does not fit ${bytes} bytes`);
  using executor = new PatchExecutor(network, plan);
  const port = network.inputs[0]?.map ?? "";
  const { scale = 1, zeroPoint = 0 } = network.maps[port] ?? {};
  let right = 0;
  const canvases = testCanvases(test, images);
  for (let i = 0; i < images; i++) {
    const canvas = canvases.subarray(i * canvasSize ** 2, (i + 1) * canvasSize ** 2);
    const codes = quantizeCells(resizeCanvases(canvas, net.resolution), { scale, zeroPoint });
    const logits = Object.values(executor.run(codes))[0]?.dataSync() as Int8Array;
    if (logits.indexOf(Math.max(...logits)) === test.labels[i]) right++;
  }
  const { arenaBytes, lowerBoundBytes, macs, stages } = plan;
  return {
    accuracy: right / images,
    arenaBytes,
    highWaterBytes: executor.highWaterBytes,
    lowerBoundBytes,
    macs: macs.plan,
    networkMacs: macs.network,
    stages: stages
      .filter(({ grid }) => grid.rows * grid.columns > 1)
      .map(
        ({ first: from, end, grid, overlap }) => `layers ${from}-${end - 1}: ${grid.rows} x ${grid.columns} ${overlap}`,
      ),
  };
}
