/** Whose word about identities the account takes. */
export type IdentityProviders = {
  /** Audiences that an OIDC provider is registered for; `none` when the account does not have it. */
  audiences(arn: string): Promise<readonly string[] | "none">;
};
