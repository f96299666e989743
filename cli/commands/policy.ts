/** `policy`: what the owner of a service promises, checked before it is kept. */
import type { Command } from "commander";
import { InputError } from "../../lib/kit/errors.ts";
import { type Policy, SHADOW_POLICY } from "../../lib/policy/policy.ts";
import { approve } from "../approve.ts";
import { EXIT } from "../exit-code.ts";
import { type Io, print, printJson, tell } from "../io.ts";
import { readPolicy, STDIN } from "../policy-file.ts";
import { changing, connect, ending, type Session } from "../session.ts";

/** SSM's standard tier. */
const POLICY_BYTES_MAX = 4_096;

/** Throws InputError with every fault, also when the policy is too long to be kept. */
const readKeepable = async (io: Io, file: string): Promise<{ text: string; policy: Policy }> => {
  const { text, policy } = await readPolicy(io, file);
  const bytes = Buffer.byteLength(text);
  if (bytes > POLICY_BYTES_MAX)
    throw new InputError(`the policy has ${bytes} bytes; a parameter holds ${POLICY_BYTES_MAX}`);
  return { text, policy };
};

const summary = (policy: Policy): string => {
  const { mode, onInconclusive, bakeMinutes, smoke = [], alarms = [] } = policy;
  return `mode ${mode}, inconclusive: ${onInconclusive}, bake ${bakeMinutes} minutes, ${smoke.length} smoke checks, ${alarms.length} alarms`;
};

type PutOptions = { dryRun?: boolean; yes?: boolean; reason?: string };

const put = async (session: Session, service: string, file: string, options: PutOptions): Promise<number> => {
  const { io } = session;
  const { text, policy } = await readKeepable(io, file);
  const ports = await connect(session);
  const before = await ports.policies.read(service);
  const plan = [
    `policy of ${service} in ${ports.stageName}`,
    `  now     ${before === "none" ? "none: tracked and judged in shadow" : "broken" in before ? `unusable: ${before.broken}` : summary(before.policy)}`,
    `  will be ${summary(policy)}`,
    "  from    the next deployment on; one under way keeps the policy it started with",
  ];
  const wish = {
    stageName: ports.stageName,
    isDryRun: options.dryRun === true,
    isYes: options.yes === true,
    reason: options.reason,
  };
  if (!(await approve(io, plan, wish))) return EXIT.done;
  await changing(() => ports.policies.write(service, text));
  await print(io, `policy of ${service} is kept: ${summary(policy)}`);
  return EXIT.done;
};

/** What is kept for a service, as text; throws InputError when it cannot be used. */
const kept = async (session: Session, service: string) => {
  const ports = await connect(session);
  const found = await ports.policies.read(service);
  if (found !== "none" && "broken" in found)
    throw new InputError(`the policy of ${service} cannot be used: ${found.broken}`);
  return found;
};

const show = async (session: Session, service: string, asJson: boolean): Promise<number> => {
  const { io } = session;
  const found = await kept(session, service);
  const shown = found === "none" ? { policy: SHADOW_POLICY, sha256: null } : found;
  if (asJson) await printJson(io, { service, isKept: found !== "none", ...shown });
  else {
    if (found === "none") await tell(io, `${service} has no policy of its own; this is what holds:`);
    await printJson(io, shown.policy);
  }
  return EXIT.done;
};

const isFile = (said: string): boolean => said === STDIN || /[./\\]/.test(said);

/** A named file, or else what is kept for the service of that name; nothing when there is none. */
const policyToCheck = async (
  session: Session,
  first: string,
  file: string | undefined,
): Promise<Policy | undefined> => {
  if (file !== undefined || isFile(first)) return (await readKeepable(session.io, file ?? first)).policy;
  const found = await kept(session, first);
  return found === "none" ? undefined : found.policy;
};

const validate = async (
  session: Session,
  first: string,
  file: string | undefined,
  asJson: boolean,
): Promise<number> => {
  const { io } = session;
  try {
    const policy = await policyToCheck(session, first, file);
    if (asJson) await printJson(io, { isValid: true, policy: policy ?? SHADOW_POLICY });
    else
      await print(io, policy === undefined ? `${first} has no policy: shadow` : `good: ${summary(policy)}`);
    return EXIT.done;
  } catch (error) {
    if (asJson && error instanceof InputError) await printJson(io, { isValid: false, why: error.message });
    throw error;
  }
};

const addPut = (policy: Command, session: Session): void => {
  policy
    .command("put")
    .description("check a policy and keep it for a service")
    .argument("<service>", "the function's name")
    .argument("[file]", "JSON file; - is stdin", STDIN)
    .option("--reason <text>", "why")
    .option("--dry-run", "print the plan and change nothing")
    .option("--yes", "do not ask")
    .addHelpText("after", "\nExamples:\n  $ bellwether policy put checkout policy.json --stage sit")
    .action(
      ending(session, (service: string, file: string, options: PutOptions) =>
        put(session, service, file, options),
      ),
    );
};

const addValidate = (policy: Command, session: Session): void => {
  policy
    .command("validate")
    .description("name every fault of a policy; 2 when it has one")
    .argument("<service|file>", "a JSON file, - for stdin, or a service whose kept policy is checked")
    .argument("[file]", "the file, when a service was named first")
    .option("--json", "print what was found as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ bellwether policy validate policy.json\n  $ bellwether policy validate checkout --stage prod",
    )
    .action(
      ending(session, (first: string, file: string | undefined, options: { json?: boolean }) =>
        validate(session, first, file, options.json === true),
      ),
    );
};

const addShowPolicy = (policy: Command, session: Session): void => {
  policy
    .command("show")
    .description("print the policy that holds for a service")
    .argument("<service>", "the function's name")
    .option("--json", "with its digest")
    .addHelpText("after", "\nExamples:\n  $ bellwether policy show checkout --stage prod")
    .action(
      ending(session, (service: string, options: { json?: boolean }) =>
        show(session, service, options.json === true),
      ),
    );
};

export const addPolicy = (program: Command, session: Session): void => {
  const policy = program.command("policy").description("put, validate or show a service's policy");
  addPut(policy, session);
  addValidate(policy, session);
  addShowPolicy(policy, session);
};
