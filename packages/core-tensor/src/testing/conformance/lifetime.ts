import type { Backend, BackendMemory } from "../../backends/backend.ts";
import { expectedOutputs } from "../expected.ts";
import { spec } from "../../graph/spec.ts";
import { trace } from "../../graph/trace.ts";
import { add, mul, sum } from "../../ops/index.ts";
import { tensor, toHost } from "../../tensor/create.ts";
import { isDeviceTensor } from "../../tensor/device.ts";
import { DeviceError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Check, CheckFailure, ensure, rejection } from "./named.ts";
import { compareOutputs, compareValue } from "./trial.ts";

const step = trace(
  (x: Tensor, y: Tensor) => ({ next: add(mul(x, 0.5), y), total: sum(y) }),
  spec([3], "float32", "x"),
  spec([3], "float32", "y"),
);
const inputs = { x: tensor([1, 2, 3]), y: tensor([4, 5, 6]) };
const exactly = (): { ulps: number; scale: number } => ({ ulps: 2, scale: 0 });

function same(before: BackendMemory, after: BackendMemory, when: string): void {
  const text = ({ programs, tensors, bytes }: BackendMemory): string =>
    `${programs} programs, ${tensors} tensors, ${bytes} bytes`;
  ensure(text(before) === text(after), `${when}: expected ${text(before)} as before, got ${text(after)}`);
}

async function runAndCompare(backend: Backend, values: Readonly<Record<string, Tensor>>): Promise<void> {
  const executable = await backend.compile(step);
  const outputs = await executable.run(values);
  const message = await compareOutputs(outputs, expectedOutputs(step, inputs), exactly);
  for (const output of Object.values(outputs)) output.dispose();
  await executable.dispose();
  if (message !== undefined) throw new CheckFailure(message);
}

/** Who owns what, and what is left after it was given back. */
export const lifetimeChecks: Readonly<Record<string, Check>> = {
  "compile, run and dispose leave nothing behind": async (backend) => {
    const before = backend.memory();
    const executable = await backend.compile(step);
    ensure(
      backend.memory().programs === before.programs + 1,
      `expected ${before.programs + 1} programs, got ${backend.memory().programs}`,
    );
    const held = backend.memory();
    for (let i = 0; i < 3; i++) {
      const outputs = await executable.run(inputs);
      for (const output of Object.values(outputs)) output.dispose();
    }
    same(held, backend.memory(), "after three runs");
    await executable.dispose();
    same(before, backend.memory(), "after dispose");
  },
  "a refused run leaves nothing behind": async (backend) => {
    const before = backend.memory();
    const executable = await backend.compile(step);
    const held = backend.memory();
    await rejection(executable.run({ x: inputs.x }), "run without y");
    await rejection(executable.run({ x: inputs.x, y: tensor([1]) }), "run with another shape");
    same(held, backend.memory(), "after refused runs");
    await executable.dispose();
    same(before, backend.memory(), "after dispose");
  },
  "running after dispose is a DeviceError": async (backend) => {
    const executable = await backend.compile(step);
    await executable.dispose();
    const error = await rejection(executable.run(inputs), "run after dispose");
    ensure(error instanceof DeviceError, `expected a DeviceError, got ${String(error)}`);
  },
  "disposing twice does nothing": async (backend) => {
    const before = backend.memory();
    const executable = await backend.compile(step);
    await executable.dispose();
    await executable.dispose();
    same(before, backend.memory(), "after dispose");
  },
  "results outlive their program": async (backend) => {
    const executable = await backend.compile(step);
    const outputs = await executable.run(inputs);
    await executable.dispose();
    const message = await compareOutputs(outputs, expectedOutputs(step, inputs), exactly);
    for (const output of Object.values(outputs)) output.dispose();
    if (message !== undefined) throw new CheckFailure(message);
  },
  "reading a disposed result is a DeviceError": async (backend) => {
    const executable = await backend.compile(step);
    const { next } = await executable.run(inputs);
    await executable.dispose();
    if (next === undefined || !isDeviceTensor(next)) return;
    next.dispose();
    next.dispose();
    const error = await rejection(next.data(), "data of a disposed result");
    ensure(error instanceof DeviceError, `expected a DeviceError, got ${String(error)}`);
  },
  "inputs keep their values": async (backend) => {
    const x = await backend.put(inputs.x);
    const y = await backend.put(inputs.y);
    await runAndCompare(backend, { x, y });
    await runAndCompare(backend, { x, y });
    const message = await compareValue(x, inputs.x, exactly());
    x.dispose();
    y.dispose();
    if (message !== undefined) throw new CheckFailure(`x after two runs: ${message}`);
  },
  "put and back": async (backend) => {
    for (const dtype of ["float32", "int32", "bool", "int64", "int8", "uint8"] as const) {
      const value = tensor([1, 0, 1], { dtype });
      const there = await backend.put(value);
      const message = await compareValue(there, value, exactly());
      there.dispose();
      if (message !== undefined) throw new CheckFailure(`${dtype}: ${message}`);
    }
  },
  "results are inputs of the next run": async (backend) => {
    const executable = await backend.compile(step);
    let x: Tensor = inputs.x;
    let expected = inputs.x;
    for (let i = 0; i < 4; i++) {
      const { next, total } = (await executable.run({ x, y: inputs.y })) as { next: Tensor; total: Tensor };
      total.dispose();
      x.dispose();
      x = next;
      expected = expectedOutputs(step, { x: expected, y: inputs.y })["next"] as typeof expected;
    }
    const message = await compareValue(x, expected, { ulps: 8, scale: 0 });
    x.dispose();
    await executable.dispose();
    if (message !== undefined) throw new CheckFailure(message);
  },
  "runs side by side": async (backend) => {
    const executable = await backend.compile(step);
    const sets = [1, 2, 3].map((factor) => ({ x: tensor([factor, factor, factor]), y: inputs.y }));
    const results = await Promise.all(sets.map((values) => executable.run(values)));
    const messages = await Promise.all(
      results.map((outputs, i) => compareOutputs(outputs, expectedOutputs(step, sets[i] as typeof inputs), exactly)),
    );
    for (const outputs of results) for (const output of Object.values(outputs)) output.dispose();
    await executable.dispose();
    const message = messages.find((found) => found !== undefined);
    if (message !== undefined) throw new CheckFailure(message);
  },
  "an aborted signal stops before it starts": async (backend) => {
    const signal = AbortSignal.abort(new Error("stop"));
    ensure(
      String(await rejection(backend.compile(step, { signal }), "compile")).includes("stop"),
      "compile: expected the reason of the signal",
    );
    const executable = await backend.compile(step);
    const error = await rejection(executable.run(inputs, { signal }), "run");
    await executable.dispose();
    ensure(String(error).includes("stop"), `run: expected the reason of the signal, got ${String(error)}`);
  },
  "arrays and numbers as inputs": async (backend) => {
    const executable = await backend.compile(step);
    const outputs = await executable.run({ x: [1, 2, 3], y: Float32Array.of(4, 5, 6) });
    const values = await Promise.all(Object.values(outputs).map(toHost));
    for (const output of Object.values(outputs)) output.dispose();
    await executable.dispose();
    ensure(
      values.length === 2 && values[0]?.dataSync()[0] === 4.5,
      `expected 4.5 first, got ${values[0]?.dataSync()[0]}`,
    );
  },
};
