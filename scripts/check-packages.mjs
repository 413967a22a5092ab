// Checks the packages as they would be published: packs each one and runs publint and are-the-types-wrong on the
// tarball, so that publishConfig and workspace ranges are already in force.
//   node scripts/check-packages.mjs [publint] [attw]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { pack, root } from "./workspace.mjs";

const commands = {
  publint: (tarball) => ["publint", "run", tarball, "--strict"],
  attw: (tarball) => ["attw", tarball, "--profile", "node16"],
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((check) => !(check in commands));
if (wanted.length === 0 || unknown.length > 0) {
  console.error("usage: node scripts/check-packages.mjs [publint] [attw]");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "parsimony-pack-"));
let failures = 0;
try {
  for (const { tarball } of pack(folder)) {
    for (const check of wanted) {
      const [binary, ...args] = commands[check](tarball);
      const command = join(root, "node_modules", ".bin", binary);
      const { status } = spawnSync(command, args, { stdio: "inherit", cwd: root, shell: process.platform === "win32" });
      if (status !== 0) failures += 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);
