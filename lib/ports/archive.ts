/** Where what was written is kept for years and cannot be changed. Texts are UTF-8, keys are `/`-separated. */
export type Archive = {
  /** `exists` when something is there under this key already; it stays as it is. Safe to repeat. */
  put(key: string, text: string): Promise<"stored" | "exists">;
  get(key: string): Promise<string | undefined>;
  /** Keys under a prefix in the order of their bytes, those after `after` when it is given. */
  list(prefix: string, after?: string): Promise<readonly string[]>;
};
