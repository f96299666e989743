/** `policy`: what the owner of a service promises, checked before it is kept. */
import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import { InputError, messageOf } from "../../lib/kit/errors.ts";
import { type Policy, parsePolicy, SHADOW_POLICY } from "../../lib/policy/policy.ts";
import { approve } from "../approve.ts";
import { EXIT } from "../exit-code.ts";
import { type Io, print, printJson, tell } from "../io.ts";
import { connect, ending, type Session } from "../session.ts";

const STDIN = "-";

const readText = async (io: Io, file: string): Promise<string> => {
  if (file === STDIN) return readAll(io.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new InputError(`cannot read ${file}: ${messageOf(error)}`);
  }
};

/** Reads and checks a policy file. Throws InputError with every fault. */
const readPolicy = async (io: Io, file: string): Promise<{ text: string; policy: Policy }> => {
  const text = await readText(io, file);
  return { text, policy: parsePolicy(text) };
};

const summary = (policy: Policy): string => {
  const { mode, onInconclusive, bakeMinutes, smoke = [], alarms = [] } = policy;
  return `mode ${mode}, inconclusive: ${onInconclusive}, bake ${bakeMinutes} minutes, ${smoke.length} smoke checks, ${alarms.length} alarms`;
};

type PutOptions = { dryRun?: boolean; yes?: boolean; reason?: string };

const put = async (session: Session, service: string, file: string, options: PutOptions): Promise<number> => {
  const { io } = session;
  const { text, policy } = await readPolicy(io, file);
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
  await ports.policies.write(service, text);
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

/** A file that is there is checked; without one, what is kept for the service of that name. */
const validate = async (
  session: Session,
  serviceOrFile: string,
  file: string | undefined,
): Promise<number> => {
  const { io } = session;
  if (file === undefined && serviceOrFile !== STDIN && !/[./\\]/.test(serviceOrFile)) {
    const found = await kept(session, serviceOrFile);
    await print(
      io,
      found === "none" ? `${serviceOrFile} has no policy: shadow` : `good: ${summary(found.policy)}`,
    );
    return EXIT.done;
  }
  const { policy } = await readPolicy(io, file ?? serviceOrFile);
  await print(io, `good: ${summary(policy)}`);
  return EXIT.done;
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
    .addHelpText(
      "after",
      "\nExamples:\n  $ bellwether policy validate policy.json\n  $ bellwether policy validate checkout --stage prod",
    )
    .action(ending(session, (first: string, file: string | undefined) => validate(session, first, file)));
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
