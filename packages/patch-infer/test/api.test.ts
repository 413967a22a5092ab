import { expect, test } from "vitest";

test.each(["", "/architecture", "/deploy", "/report", "/testing"])(
  "the names that users import from @parsimony/patch-infer%s",
  async (entry) => {
    const names = Object.keys((await import(`@parsimony/patch-infer${entry}`)) as object).sort();
    await expect(`${names.join("\n")}\n`).toMatchFileSnapshot(`api/${entry.slice(1) || "index"}.txt`);
  },
);
