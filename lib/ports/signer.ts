import type { Signature } from "../archive/root.ts";

/** Signs with a key that never leaves its safe. */
export type Signer = {
  sign(text: string): Promise<Signature>;
};

/** The other half of the signer's key, for whoever verifies. */
export type VerifyingKey = {
  /** PEM. */
  read(): Promise<string>;
};
