/** Digests: the only ids made here, so that the same thing always gets the same one. */
import { createHash } from "node:crypto";

/** SHA-256 of a text, in hex. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
