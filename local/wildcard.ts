/** IAM's wildcards: `*` is any run of characters, `?` any one. */

/** `flags` as of a RegExp: "i" for actions, whose case does not matter. */
export const matches = (pattern: string, value: string, flags = ""): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, `s${flags}`).test(value);
};
