import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, platform, release, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Versions of what takes part. */
  readonly versions: Readonly<Record<string, string>>;
  /** Load averages over 1, 5 and 15 minutes: before and after the run. */
  readonly loadBefore: readonly number[];
  loadAfter: readonly number[];
}

const require = createRequire(import.meta.url);

/** The version in the nearest package.json with the package's name. */
function versionOf(name: string): string {
  let folder = new URL(".", `file://${require.resolve(name)}`);
  for (;;) {
    try {
      const { name: found, version } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as {
        name?: string;
        version?: string;
      };
      if (found === name && version !== undefined) return version;
    } catch {
      // No package.json here: further up.
    }
    const parent = new URL("..", folder);
    if (parent.href === folder.href) return "unknown";
    folder = parent;
  }
}

/** The machine and the packages of this run. */
export function describeMachine(more: Readonly<Record<string, string>>): Machine {
  const packages = [
    "onnxruntime-node",
    "@tensorflow/tfjs-core",
    "@tensorflow/tfjs-backend-wasm",
    "@tensorflow/tfjs-backend-cpu",
  ];
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    versions: { ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])), ...more },
    loadBefore: loadavg(),
    loadAfter: [],
  };
}
