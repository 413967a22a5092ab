import { random } from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import {
  type FindTicketsOptions,
  findTickets,
  memoryStore,
  pruneByMagnitude,
  readTickets,
  subStore,
} from "../../src/index.ts";
import { type Cut, killedAt } from "./brokenStore.ts";
import { altered, contentOf, rejection, runAll } from "./helpers.ts";
import { controls, plain, trainer, variants } from "./experiment.ts";
import { finishedIn, killAndResume, measured } from "./killing.ts";
import { tinyTrainer } from "./tinyTrainer.ts";

describe("killed", () => {
  test("at ten random changes of the store: the same bytes in every file", async () => {
    const options = variants.rewound;
    const { changes } = await measured(options);
    expect(changes).toBeGreaterThan(30);
    const points = random.permutation(random.key(7), changes).dataSync() as Int32Array;
    await killAndResume(options, points.slice(0, 10));
  });

  test("with other strategies too", async () => {
    for (const options of [variants.continued, variants.onward]) {
      const { changes } = await measured(options);
      const points = random.permutation(random.key(8), changes).dataSync() as Int32Array;
      await killAndResume(options, points.slice(0, 4));
    }
  });

  test("in one of the last writes, when the journal is finished", async () => {
    const { changes } = await measured(variants.rewound);
    await killAndResume(
      variants.rewound,
      [1, 2, 3, 4].map((back) => changes - back),
      ["torn"],
    );
  });

  test("while it mends a journal that was cut: the other copy stays whole", async () => {
    const options = variants.rewound;
    const { changes, content } = await measured(options);
    const store = memoryStore();
    await expect(finishedIn(killedAt(store, Math.floor(changes / 2), "before"), options)).rejects.toThrow("killed");
    const journal = (await store.read("journal.next.json")) as Uint8Array;
    await store.write("journal.json", journal.subarray(0, journal.length / 2));
    await expect(finishedIn(killedAt(store, 0, "torn"), options)).rejects.toThrow("killed");
    expect(await store.read("journal.next.json")).toEqual(journal);
    await finishedIn(store, options);
    expect(await contentOf(store)).toEqual(content);
  });

  test("again and again", async () => {
    for (const options of Object.values(variants)) {
      const { content } = await measured(options);
      const inner = memoryStore();
      let kills = 0;
      for (;;) {
        const cut = (["before", "torn", "after"] as const)[kills % 3] as Cut;
        try {
          await finishedIn(killedAt(inner, 6, cut), options);
          break;
        } catch (error) {
          expect(String(error)).toBe("Error: killed");
          expect(++kills).toBeLessThan(50);
        }
      }
      expect(kills).toBeGreaterThan(3);
      expect(await contentOf(inner)).toEqual(content);
    }
  });
});

test("stopped by its signal at ten random looks, it goes on to the same bytes", async () => {
  const options = variants.rewound;
  let looks = 0;
  const expected = memoryStore();
  await finishedIn(expected, { ...options, onProgress: () => looks++ });
  const points = random.randint(random.key(11), [10], { min: 0, max: looks }).dataSync() as Int32Array;
  for (const point of points) {
    const store = memoryStore();
    const controller = new AbortController();
    let seen = 0;
    const onProgress = (): void => {
      if (seen++ === point) controller.abort();
    };
    const stopped = finishedIn(store, { ...options, onProgress, signal: controller.signal });
    // The last look of all has no step after it that could be stopped.
    await stopped.then(
      () => expect(point).toBe(looks - 1),
      (error: unknown) => expect(String(error)).toMatch(/AbortError/),
    );
    await finishedIn(store, options);
    expect(await contentOf(store)).toEqual(await contentOf(expected));
  }
});

test("what is finished is not computed again", async () => {
  const options = variants.onward;
  const store = memoryStore();
  const { report } = await finishedIn(store, options);
  const idle = altered(trainer, {
    advance: () => Promise.reject(new Error("it trains")),
    evaluate: () => Promise.reject(new Error("it evaluates")),
  });
  expect((await runAll(idle, { ...options, store })).report).toEqual(report);
  expect(await readTickets(store)).toEqual(report);
});

test("the store of a finished experiment holds masks, tickets and a journal, and no time", async () => {
  const store = memoryStore();
  await finishedIn(store, variants.rewound);
  expect(await store.list("")).toEqual([
    "journal.json",
    "level-0/mask.safetensors",
    "level-0/trained.safetensors",
    "level-1/mask.safetensors",
    "level-1/trained.safetensors",
    "level-2/mask.safetensors",
    "level-2/trained.safetensors",
    "state-0.safetensors",
    "state-4.safetensors",
  ]);
});

test("how often a checkpoint is written decides about nothing", async () => {
  const contents = [];
  for (const checkpointEvery of [1, 3, 100]) {
    const store = memoryStore();
    await finishedIn(store, { ...plain, checkpointEvery });
    contents.push(await contentOf(store));
  }
  expect(contents[1]).toEqual(contents[0]);
  expect(contents[2]).toEqual(contents[0]);
});

test("without a store the results are the same", async () => {
  const store = memoryStore();
  expect(await runAll(trainer, plain)).toEqual(await finishedIn(store, plain));
});

test("two experiments in two parts of a store", async () => {
  const store = memoryStore();
  await finishedIn(subStore(store, "a/"), plain);
  await finishedIn(subStore(store, "b/"), { ...plain, seed: 4 });
  const alone = memoryStore();
  await finishedIn(alone, plain);
  expect(await contentOf(subStore(store, "a/"))).toEqual(await contentOf(alone));
  expect((await readTickets(subStore(store, "b/")))?.seed).toBe(4);
});

test("files that are not its own stay", async () => {
  const store = memoryStore({ "notes.txt": new Uint8Array([1]), "level-1/notes.txt": new Uint8Array([2]) });
  await finishedIn(store, plain);
  expect((await store.list("")).filter((name) => name.endsWith("notes.txt"))).toEqual([
    "level-1/notes.txt",
    "notes.txt",
  ]);
});

describe("another experiment in the store", () => {
  const differing = async (change: Partial<FindTicketsOptions>, other = trainer): Promise<string> => {
    const store = memoryStore();
    await findTickets(trainer, { ...plain, store }).next();
    const before = await contentOf(store);
    const error = await rejection(findTickets(other, { ...plain, ...change, store }).next());
    expect(error.code).toBe("E_RESUME");
    expect(await contentOf(store)).toEqual(before);
    return error.message;
  };

  test("is refused, with what differs", async () => {
    expect(await differing({ rate: 0.3 })).toBe(
      "findTickets: the store holds another experiment: options.criterion.rate: 0.25 there, 0.3 here",
    );
    expect(await differing({ seed: 4, evalEvery: 6 })).toMatch(
      /options\.evalEvery: 3 there, 6 here; options\.seed: 3 there, 4 here/,
    );
    expect(await differing({ rounds: 3 })).toMatch(/options\.rounds: 2 there, 3 here/);
    expect(await differing({ rewindTo: { step: 2 } })).toMatch(/options\.rewindStep: 0 there, 2 here/);
    expect(await differing({ controls })).toMatch(/options\.controls\.0: nothing there, \{"kind":"reinit"/);
    expect(await differing({ scope: "global" })).toMatch(/options\.criterion\.scope: nothing there, "global" here/);
    expect(await differing({ prunable: (name) => name === "W1" })).toMatch(
      /options\.prunable\.1: "W2" there, nothing here/,
    );
    expect(
      await differing({ mask: pruneByMagnitude(await trainer.init(3), (await readMask()) ?? {}, { rate: 0.5 }) }),
    ).toMatch(/options\.mask: "ones" there/);
  });

  test("unless what differs is nothing that JSON keeps", async () => {
    const described = altered(trainer, {
      description: {
        kind: "constructor",
        toString: "#NaN",
        nothing: undefined,
        rates: new Float32Array([0.5]),
      } as never,
    });
    const store = memoryStore();
    const first = await runAll(described, { ...plain, rounds: 1, store });
    expect(await runAll(described, { ...plain, rounds: 1, store })).toEqual(first);
    expect(first.report.experiment).toMatchObject({ trainer: { kind: "constructor", toString: "#NaN" } });
  });

  test("as is another trainer", async () => {
    expect(await differing({}, tinyTrainer({ steps: 13, drawn: true }))).toMatch(
      /steps: 12 there, 13 here; trainer\.batch/,
    );
    const silent = altered(trainer, { init: () => trainer.init(99) });
    expect(await differing({}, silent)).toMatch(/initial weights for the seed 3 are not those in state-0\.safetensors/);
  });

  async function readMask(): Promise<NonNullable<FindTicketsOptions["mask"]> | undefined> {
    const store = memoryStore();
    await findTickets(trainer, { ...plain, store }).next();
    return (await readTickets(store))?.levels[0]?.mask;
  }
});

describe("reading a store", () => {
  test("one that is empty, or has only just begun", async () => {
    expect(await readTickets(memoryStore())).toBeUndefined();
    const store = memoryStore();
    await expect(finishedIn(killedAt(store, 5, "after"), { ...plain, rewindTo: { step: 5 } })).rejects.toThrow(
      "killed",
    );
    expect(await readTickets(store)).toBeUndefined();
  });

  test("one that is not finished", async () => {
    const store = memoryStore();
    const experiment = findTickets(trainer, { ...plain, store });
    await experiment.next();
    const second = (await experiment.next()).value;
    const report = await readTickets(store);
    expect([report?.finished, report?.levels.length]).toEqual([false, 2]);
    expect(report?.levels[1]).toEqual(second);
  });

  test("a damaged, cut or missing file is an error with its name, and the rest stays", async () => {
    const options = variants.onward;
    const whole = memoryStore();
    await finishedIn(whole, options);
    const names = await whole.list("");
    expect(names).toContain("level-1/start.safetensors");
    for (const name of names) {
      const bytes = (await whole.read(name)) as Uint8Array;
      const flipped = bytes.slice();
      const middle = Math.floor(bytes.length / 2);
      flipped[middle] = (flipped[middle] as number) ^ 1;
      for (const damage of [flipped, bytes.subarray(0, bytes.length - 2), undefined]) {
        if (damage === undefined && name === "journal.json") continue;
        const files = await Promise.all(
          names.map(async (each) => [each, (await whole.read(each)) as Uint8Array] as const),
        );
        const store = memoryStore(Object.fromEntries(files));
        if (damage === undefined) await store.remove(name);
        else await store.write(name, damage);
        const before = await contentOf(store);
        const error = await rejection(readTickets(store));
        expect(error.code).toBe("E_RESUME");
        expect(error.message).toContain(name);
        expect((await rejection(finishedIn(store, options))).message).toContain(name);
        expect(await contentOf(store)).toEqual(before);
      }
    }
  });

  test("a journal of a version to come", async () => {
    const store = memoryStore();
    await finishedIn(store, plain);
    const text = new TextDecoder().decode((await store.read("journal.json")) as Uint8Array);
    await store.write("journal.json", new TextEncoder().encode(text.replace('"version": 1', '"version": 2')));
    expect((await rejection(readTickets(store))).message).toMatch(/version 2; this program knows version 1/);
  });

  test("metrics that JSON does not know", async () => {
    const odd = altered(trainer, {
      evaluate: async (params, part) => ({
        ...(await trainer.evaluate(params, part)),
        nan: Number.NaN,
        infinite: Number.NEGATIVE_INFINITY,
        zero: -0,
      }),
    });
    const store = memoryStore();
    const { yielded } = await runAll(odd, { ...plain, store });
    expect((await readTickets(store))?.levels).toEqual(yielded);
    expect(yielded[0]?.final.test).toMatchObject({ nan: Number.NaN, infinite: Number.NEGATIVE_INFINITY, zero: -0 });
  });
});
