import { GetOpenIDConnectProviderCommand, type IAMClient } from "@aws-sdk/client-iam";
import type { IdentityProviders } from "../ports/identity-providers.ts";
import { reachUnless } from "./failure.ts";

export const iamIdentityProviders = (client: IAMClient): IdentityProviders => ({
  audiences: async (arn) => {
    const answer = await reachUnless(
      "looking for GitHub's OIDC provider",
      ["NoSuchEntityException", "NoSuchEntity"],
      "none" as const,
      () => client.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn })),
    );
    return answer === "none" ? "none" : (answer.ClientIDList ?? []);
  },
});
