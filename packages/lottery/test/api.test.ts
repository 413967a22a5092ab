import { expect, test } from "vitest";

test.each(["", "/compact", "/node", "/report", "/sparse", "/testing"])(
  "the names that users import from @parsimony/lottery%s",
  async (entry) => {
    const names = Object.keys((await import(`@parsimony/lottery${entry}`)) as object).sort();
    await expect(`${names.join("\n")}\n`).toMatchFileSnapshot(`api/${entry.slice(1) || "index"}.txt`);
  },
);
