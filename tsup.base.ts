import { readFileSync } from "node:fs";
import { type Options, build } from "tsup";

interface PackageJson {
  exports: Record<string, string | { "@parsimony/source"?: string }>;
  publishConfig?: { bin?: Record<string, string> };
}

/** The source files behind a package's `exports`: what its package.json promises is what gets built. */
function sourceEntries(packageJson: PackageJson): string[] {
  return Object.values(packageJson.exports).flatMap((target) => {
    const source = typeof target === "string" ? undefined : target["@parsimony/source"];
    return source === undefined ? [] : [source.replace(/^\.\//, "")];
  });
}

/**
 * The source files behind a package's commands: `dist/cli.js` is built from `src/cli.ts`. They stand in `publishConfig`,
 * because an install in the workspace, which comes before every build, looks for the file of a command at once.
 */
function commandEntries(packageJson: PackageJson): string[] {
  return Object.values(packageJson.publishConfig?.bin ?? {}).map((file) =>
    file.replace(/^(\.\/)?dist\//, "src/").replace(/\.js$/, ".ts"),
  );
}

const shared: Options = {
  target: "node20.19",
  platform: "node",
  sourcemap: true,
  treeshake: true,
};

/**
 * Build options shared by every package: ESM and CommonJS with declarations for both, from `src/**` to `dist/**` under
 * the same relative path. tsup runs in the package's folder, so `package.json` is that package's.
 *
 * Commands are ESM only, one file each without declarations. They are built when the rest is done, because the rest
 * begins with emptying `dist`.
 */
export function library(): Options {
  const packageJson = JSON.parse(readFileSync("package.json", "utf8")) as PackageJson;
  const commands = commandEntries(packageJson);
  return {
    ...shared,
    entry: sourceEntries(packageJson),
    format: ["esm", "cjs"],
    dts: true,
    clean: true,
    // Entries of one package share their modules, so that a class exists once per module format.
    splitting: true,
    ...(commands.length === 0
      ? {}
      : {
          onSuccess: () =>
            build({
              ...shared,
              config: false,
              entry: commands,
              format: ["esm"],
              splitting: false,
              sourcemap: false,
              minify: true,
            }),
        }),
  };
}
