/** What a scenario runs on: a local account of its own, made from the packaged stack, and Bellwether's own way to read it. */
import type { Hash } from "../lib/deployment/audit.ts";
import type { Counts } from "../lib/ports/counts.ts";
import type { DeploymentStore } from "../lib/ports/deployment-store.ts";
import type { Outbox } from "../lib/ports/outbox.ts";
import type { Account } from "../local/account.ts";
import type { Clients } from "./aws-clients.ts";
import type { Roles } from "./service.ts";

/** The ports that tell how it ended. */
export type Reading = { store: DeploymentStore; outbox: Outbox; counts: Counts; hash: Hash };

export type Ground = {
  /** Whose template stands in the account. */
  stage: string;
  account: Account;
  clients: Clients;
  roles: Roles;
  reading: Reading;
  /** Lets account time pass. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
};

/** Opens one account after the other; what they share (the package, the Java process) is made once. */
export type Grounds = {
  open(seed: number): Promise<Ground>;
  /** Closes what is still open, and what is shared. */
  close(): Promise<void>;
};
