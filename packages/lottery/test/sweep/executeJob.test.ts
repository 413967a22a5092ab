import { expect, test } from "vitest";
import { type Control, executeJob, type Job, memoryStore, sweepJobs, type Trainer } from "../../src/index.ts";
import { trainer } from "./harness.ts";

const dense: Control = { kind: "custom", name: "dense", start: ({ rewound }) => ({ mask: {}, state: rewound }) };
const [search, control] = sweepJobs({ seeds: [1], rounds: 1, controls: [dense] }) as [Job, Job];
const options = { tickets: { rate: 0.3, evalEvery: 5 }, controls: [dense] } as const;

test("tensors that a custom control's mask does not name count as whole", async () => {
  const store = memoryStore();
  const { levels } = await executeJob(trainer, search, store, options);
  const [{ kept, size, tensors } = {}] = (await executeJob(trainer, control, store, options)).levels;
  expect({ kept, size, tensors }).toEqual({ kept: 20, size: 20, tensors: levels[0]?.tensors });
});

test("a trainer is the same when what JSON keeps of its description is", async () => {
  const store = memoryStore();
  const described: Trainer = { ...trainer, description: { kind: "tiny", nothing: undefined } as never };
  await executeJob(described, search, store, options);
  await executeJob(described, control, store, options);
  await expect(executeJob(trainer, control, store, options)).rejects.toMatchObject({ code: "E_RESUME" });
});
