import { expect, test } from "vitest";

test.each(["", "/batch", "/online", "/report", "/risk", "/rules", "/testing", "/tree"])(
  "the names that users import from @parsimony/conformal%s",
  async (entry) => {
    const names = Object.keys((await import(`@parsimony/conformal${entry}`)) as object).sort();
    await expect(`${names.join("\n")}\n`).toMatchFileSnapshot(`api/${entry.slice(1) || "index"}.txt`);
  },
);
