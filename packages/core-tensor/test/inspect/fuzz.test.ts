import { expect, test } from "vitest";
import { decodeModel } from "../../src/formats/onnx/decode.ts";
import { encodeModel } from "../../src/formats/onnx/encode.ts";
import { readModel } from "../../src/formats/onnx/read.ts";
import type { Graph } from "../../src/index.ts";
import { formatReport } from "../../src/inspect/formatReport.ts";
import { listOnnx } from "../../src/inspect/listing.ts";
import type { Report } from "../../src/inspect/report.ts";
import { summarize } from "../../src/inspect/summarize.ts";
import { CoreTensorError } from "../../src/tensor/errors.ts";
import { fuzz } from "../formats/fuzz.ts";
import { externalBytes, models } from "../formats/onnx/models.ts";
import { readPack } from "../formats/onnx/pack.ts";

const about = { file: "f", bytes: 0, format: "onnx", metadata: {} } as const;

/** As the command does: the program where it can be read, and always what is in the file. */
function inspect(bytes: Uint8Array): string {
  const model = decodeModel(bytes);
  const reports: Report[] = [{ kind: "unsupported", ...about, model: listOnnx(model), reasons: [] }];
  let graph: Graph | undefined;
  try {
    graph = readModel(model, { external: { "weights.bin": externalBytes } });
  } catch (error) {
    // What the reader makes of it is tested where the reader is.
    if (!(error instanceof CoreTensorError)) throw error;
  }
  if (graph !== undefined) reports.push({ kind: "program", ...about, summary: summarize(graph) });
  return reports.map((report) => `${formatReport(report, { width: 80 })}\n${JSON.stringify(report)}`).join("\n");
}

test("damaged models are listed and summarised, or refused by the decoder", async () => {
  const encoder = readPack("torch.pack.gz").find(({ name }) => name.startsWith("encoder")) as { model: Uint8Array };
  const files = {
    ...Object.fromEntries(Object.entries(models).map(([name, model]) => [name, encodeModel(model)])),
    encoder: encoder.model,
  };
  const counts = await fuzz({ name: "inspect", files, read: inspect, count: 60, seed: 1 });
  expect(counts.accepted).toBeGreaterThan(20);
});
