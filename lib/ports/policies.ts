import type { Policy } from "../policy/policy.ts";

/** Where owners keep their promises. */
export type Policies = {
  /** `none` when the service has no policy; `broken` with the reason when it cannot be used. */
  read(service: string): Promise<{ policy: Policy; sha256: string } | "none" | { broken: string }>;
  write(service: string, text: string): Promise<void>;
  list(): Promise<readonly string[]>;
};
