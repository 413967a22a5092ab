// What the workspace's own scripts share: where the packages are and how to call pnpm. Plain JavaScript without
// dependencies, because it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Reads a JSON file below the repository root. */
function readJson(...path) {
  return JSON.parse(readFileSync(join(root, ...path), "utf8"));
}

/** The publishable packages: `{ name, directory, packageJson }`, by folder name. */
export function packages() {
  return readdirSync(join(root, "packages"))
    .filter((folder) => existsSync(join(root, "packages", folder, "package.json")))
    .sort()
    .map((folder) => {
      const packageJson = readJson("packages", folder, "package.json");
      return { name: packageJson.name, directory: join(root, "packages", folder), packageJson };
    });
}

/** Runs a command with the terminal's own output; ends this process with the command's status when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: "inherit", cwd: root, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Runs npm, through the npm that started us when there is one: `npm.cmd` cannot be spawned directly on Windows. */
export function npm(args, options) {
  const npmCli = process.env["npm_execpath"];
  if (npmCli?.endsWith("npm-cli.js")) run(process.execPath, [npmCli, ...args], options);
  else run("npm", args, { shell: process.platform === "win32", ...options });
}

/** Runs the pnpm version that package.json names, fetched by npm; no global pnpm or corepack is needed. */
export function pnpm(args, options) {
  const { packageManager } = readJson("package.json");
  npm(["exec", "--yes", "--package", packageManager, "--", "pnpm", ...args], options);
}

/** Packs every package as it would be published and returns `[{ ...package, tarball }]`. */
export function pack(destination) {
  mkdirSync(destination, { recursive: true });
  return packages().map((entry) => {
    if (!existsSync(join(entry.directory, "dist"))) {
      console.error(`${entry.name} has no dist folder: run \`npm run build\` first`);
      process.exit(1);
    }
    pnpm(["pack", "--pack-destination", destination], { cwd: entry.directory, stdio: ["ignore", "ignore", "inherit"] });
    const { name, version } = entry.packageJson;
    return { ...entry, tarball: join(destination, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`) };
  });
}
