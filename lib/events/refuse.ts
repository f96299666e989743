/** Parsing at the edge: a shape that is not the expected one is refused with one line that says where it is wrong. */
import type * as z from "zod/mini";
import { InputError } from "../kit/errors.ts";
import { issueText } from "../policy/issue.ts";

/** Faults named in one refusal. */
const FAULTS_MAX = 5;

export const parse = <T>(schema: z.ZodMiniType<T>, raw: unknown, what: string): T => {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, FAULTS_MAX).map((issue) => issueText(issue, "it"));
  throw new InputError(`not ${what}: ${faults.join("; ")}`);
};

/** The account and region this installation answers for: anything from elsewhere is refused, whatever the rule let through. */
export type Home = { account: string; region: string };

export const assertHome = (event: { account: string; region: string }, home: Home, what: string): void => {
  if (event.account !== home.account || event.region !== home.region)
    throw new InputError(
      `${what} from account ${event.account} in ${event.region}, not from ${home.account} in ${home.region}`,
    );
};
