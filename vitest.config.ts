import { defineConfig } from "vitest/config";
import { PropertyReporter } from "./scripts/vitest/propertyReporter.ts";

/** Packages of this workspace resolve to their sources, so that tests need no build. */
const conditions = ["@parsimony/source", "module", "node", "development|production"];

const longTests = "packages/*/test/**/*.long.test.ts";
/** Tests that need a WebGPU device: scripts/ci/webgpu.sh provides one and runs them. */
const webgpuTests = "packages/*/test/**/*.webgpu.test.ts";
/** Tests that start engines or commands, or whose files look at the whole process: each file gets a process of its own. */
const engineTests = [
  "packages/core-tensor/test/{backends,cli,conformance,training}/**/*.test.ts",
  "packages/core-tensor/test/*.test.ts",
  "packages/{lottery,patch-infer}/test/engines/**/*.test.ts",
  "examples/*/test/**/*.test.ts",
  "{benchmarks,scripts}/test/**/*.test.ts",
];
const jsonReport = process.env["PARSIMONY_TEST_JSON"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: [
      "default",
      ...(jsonReport === undefined ? [] : [["json", { outputFile: jsonReport }] as ["json", { outputFile: string }]]),
      new PropertyReporter(),
    ],
    // Vitest leaves a core idle by default; with two of them that is half of the machine.
    maxWorkers: "100%",
    coverage: { provider: "v8", include: ["packages/*/src/**/*.ts"] },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/test/**/*.test.ts"],
          exclude: ["**/node_modules/**", longTests, webgpuTests, ...engineTests],
          benchmark: { include: ["packages/*/bench/**/*.bench.ts"] },
          setupFiles: ["scripts/vitest/setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Files share a process, which loads the sources once: a third of the time of hundreds of small files. A test
          // that changes something of the process (folder, spies) puts it back.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "engines",
          include: engineTests,
          exclude: ["**/node_modules/**", longTests, webgpuTests],
          benchmark: { include: [] },
          setupFiles: ["scripts/vitest/setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "long",
          include: [longTests],
          benchmark: { include: [] },
          setupFiles: ["scripts/vitest/setup.ts"],
          testTimeout: 3_600_000,
          hookTimeout: 600_000,
          // One long test at a time: they measure statistics and backends, and each wants the whole machine.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "webgpu",
          include: [webgpuTests],
          benchmark: { include: [] },
          setupFiles: ["scripts/vitest/setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
