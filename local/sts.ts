/** STS: who am I. Query protocol, API version 2011-06-15. */
import type { Account, Service } from "./account.ts";
import { sessionArn } from "./iam/service.ts";

export const createSts = (account: Account): { service: Service } => ({
  service: {
    name: "sts",
    signingName: "sts",
    protocol: "query",
    targetPrefix: "2011-06-15",
    operations: {
      GetCallerIdentity: {
        needs: () => [],
        run: (_input, caller) => {
          const Arn = sessionArn(account, caller);
          const session = caller.functionName === undefined ? "" : `:${caller.functionName}`;
          return { Account: account.id, Arn, UserId: caller.isRoot ? account.id : `AROALOCAL${session}` };
        },
      },
    },
  },
});
