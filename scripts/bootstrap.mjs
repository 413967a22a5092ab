// Prepares a fresh clone with nothing but node and npm: installs the workspace when that is needed.
//   node scripts/bootstrap.mjs           install when node_modules is absent or older than the lockfile
//   node scripts/bootstrap.mjs --build   the same, then build every package, dependencies first
import { existsSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { pnpm, root } from "./workspace.mjs";

const marker = join(root, "node_modules", ".modules.yaml");
const lockfile = join(root, "pnpm-lock.yaml");

function isInstalled() {
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(lockfile).mtimeMs;
}

if (!isInstalled()) {
  pnpm(["install", "--frozen-lockfile"]);
  // pnpm leaves the marker alone when nothing had to change; without this the next run would install again.
  const now = new Date();
  utimesSync(marker, now, now);
}
if (process.argv.includes("--build")) {
  pnpm(["--recursive", "--filter", "./packages/*", "run", "build"]);
}
