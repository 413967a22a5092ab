import { describe, expect, test } from "vitest";
import { sweepJobs } from "../../src/index.ts";
import { jobs } from "./harness.ts";

describe("sweepJobs", () => {
  test("is searches first, then a control for every level and trial, each after its own ticket only", () => {
    expect(jobs.length).toBe(3 + 3 * (3 + 2 * 2));
    expect(jobs.slice(0, 3).map(({ id }) => id)).toEqual([
      "main-seed1-tickets",
      "main-seed2-tickets",
      "main-seed3-tickets",
    ]);
    expect(jobs.find(({ id }) => id === "main-seed2-level3-randomMask-1")).toEqual({
      id: "main-seed2-level3-randomMask-1",
      kind: "control",
      experiment: "main",
      options: {},
      seed: 2,
      level: 3,
      control: "randomMask",
      settings: { kind: "randomMask" },
      index: 1,
      trial: 1,
      after: [{ job: "main-seed2-tickets", level: 3 }],
    });
  });

  test("is plain data, the same for the same arguments, in whatever order the option sets were written", () => {
    expect(JSON.parse(JSON.stringify(jobs))).toEqual(jobs);
    const a = { tickets: { rate: 0.2 } };
    const b = { trainer: { learningRate: 0.1 } };
    const one = sweepJobs({ seeds: [1], rounds: 1, experiments: { a, b } });
    expect(sweepJobs({ seeds: [1], rounds: 1, experiments: { b, a } })).toEqual(one);
    expect(one.map(({ id, options }) => [id, options])).toEqual([
      ["a-seed1-tickets", a],
      ["b-seed1-tickets", b],
    ]);
  });

  test("keeps of a control what decides about it", () => {
    const settings = sweepJobs({
      seeds: [0],
      rounds: 1,
      controls: [
        { kind: "randomMask", scope: "global" },
        { kind: "resample", keepSigns: true },
        {
          kind: "custom",
          name: "mine",
          description: { a: 1 },
          start: () => {
            throw new Error("not here");
          },
        },
      ],
    }).flatMap((job) => (job.kind === "control" ? [[job.control, job.settings]] : []));
    expect(settings).toEqual([
      ["randomMask-global", { kind: "randomMask", scope: "global" }],
      ["resample-signed", { kind: "resample", keepSigns: true }],
      ["mine", { kind: "custom", description: { a: 1 } }],
    ]);
  });

  test.each([
    ["no seeds", { seeds: [], rounds: 1 }, "seeds"],
    ["a seed twice", { seeds: [1, 1], rounds: 1 }, "main-seed1-tickets"],
    ["a seed that is no whole number", { seeds: [0.5], rounds: 1 }, "seeds[0]"],
    ["no rounds", { seeds: [1], rounds: 0 }, "rounds"],
    ["a level beyond the rounds", { seeds: [1], rounds: 1, controls: [{ kind: "reinit", levels: [2] }] }, "level 2"],
    ["a level twice", { seeds: [1], rounds: 1, controls: [{ kind: "reinit", levels: [1, 1] }] }, "level1-reinit-0"],
    ["a control twice", { seeds: [1], rounds: 1, controls: [{ kind: "reinit" }, { kind: "reinit" }] }, "reinit"],
    ["names that differ by case only", { seeds: [1], rounds: 1, experiments: { a: {}, A: {} } }, "a-seed1-tickets"],
    ["no experiments", { seeds: [1], rounds: 1, experiments: {} }, "experiments"],
    ["a name that is no part of a path", { seeds: [1], rounds: 1, experiments: { "../x": {} } }, "../x"],
  ] as const)("refuses %s", (_what, options, place) => {
    expect(() => sweepJobs(options)).toThrow(
      expect.objectContaining({ code: "E_OPTION", message: expect.stringContaining(place) }),
    );
  });
});
