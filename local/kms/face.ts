/** What KMS offers to the other services of the account. */
import type { Caller } from "../account.ts";
import type { ActingService } from "../acting-service.ts";

/** A caller of the account, or an AWS service that acts of its own accord. */
export type KeyUser = Caller | ActingService;

/** `conditions`: the request's context keys, such as `kms:ViaService`. */
export type KeyUse = { action: string; conditions?: Readonly<Record<string, string>> };

export type Kms = {
  /** Throws AccessDeniedException or NotFoundException unless the key lets `user` do all of it. `keyId`: id, ARN or alias. */
  permit(keyId: string, user: KeyUser, uses: readonly KeyUse[]): void;
  has(keyId: string): boolean;
};
