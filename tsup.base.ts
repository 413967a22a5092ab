import { readFileSync } from "node:fs";
import type { Options } from "tsup";

interface PackageJson {
  exports: Record<string, string | { "@parsimony/source"?: string }>;
}

/** The source files behind a package's `exports`: what its package.json promises is what gets built. */
function sourceEntries(packageJson: PackageJson): string[] {
  return Object.values(packageJson.exports).flatMap((target) => {
    const source = typeof target === "string" ? undefined : target["@parsimony/source"];
    return source === undefined ? [] : [source.replace(/^\.\//, "")];
  });
}

/**
 * Build options shared by every package: ESM and CommonJS with declarations for both, from `src/**` to `dist/**` under
 * the same relative path. tsup runs in the package's folder, so `package.json` is that package's.
 */
export function library(): Options {
  return {
    entry: sourceEntries(JSON.parse(readFileSync("package.json", "utf8")) as PackageJson),
    format: ["esm", "cjs"],
    target: "node20.19",
    platform: "node",
    dts: true,
    clean: true,
    sourcemap: true,
    treeshake: true,
    // Entries of one package share their modules, so that a class exists once per module format.
    splitting: true,
  };
}
