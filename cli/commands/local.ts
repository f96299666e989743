/** `local up`: the local AWS account with the packaged stack in it, until it is told to end. */
import type { Command } from "commander";
import { SPEED_DEFAULT, startLive } from "../../local/up.ts";
import { EXIT } from "../exit-code.ts";
import { type Io, print, tell } from "../io.ts";
import { ending, type Session } from "../session.ts";
import { wholeNumber } from "../whole-number.ts";

const PORT_DEFAULT = 4566;
const PORT_MAX = 65_535;
const SPEED_MAX = 10_000;
const SEED_DEFAULT = 1;
const SEED_MAX = 2_147_483_647;
const STAGE = "local";

type Options = { port: number; speed: number; seed: number };

const howToUse = (endpoint: string): string => `The local account is up. In another terminal:
  export AWS_ENDPOINT_URL=${endpoint} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=eu-west-1
  aws deploy list-applications
  npx bellwether status
Slack messages: GET ${endpoint}/slack/messages
End it with Ctrl-C.`;

const untilStopped = (io: Io): Promise<void> =>
  new Promise((resolve) => {
    if (io.stop.aborted) resolve();
    else io.stop.addEventListener("abort", () => resolve(), { once: true });
  });

const up = async (session: Session, options: Options): Promise<number> => {
  const { io } = session;
  const [{ ensurePackage }, { startAccount }, { putSlackTokenAt }] = await Promise.all([
    import("../../build/package.ts"),
    import("../../local/start.ts"),
    import("../../demo/slack-token.ts"),
  ]);
  session.goesOn = "stopped before the local account was up";
  const { dir } = await ensurePackage(STAGE, undefined, { progress: (line) => void tell(io, line) });
  const local = await startAccount({ seed: options.seed, port: options.port, packageDir: dir, stage: STAGE });
  session.closers.push(() => local.close());
  await putSlackTokenAt(local.endpoint, local.account.region);
  const live = startLive(local, options.speed);
  session.closers.push(() => live.stop());
  session.endsOnSignal = true;
  const { id: account, region } = local.account;
  await print(io, JSON.stringify({ endpoint: local.endpoint, region, account, stage: STAGE }));
  await tell(io, howToUse(local.endpoint));
  await untilStopped(io);
  await tell(io, "The local account ends.");
  return EXIT.done;
};

export const addLocal = (program: Command, session: Session): void => {
  const local = program.command("local").description("the local AWS account");
  local
    .command("up")
    .description(
      "start an AWS account on this machine with the packaged stack in it; it ends on Ctrl-C or SIGTERM",
    )
    .option("--port <port>", "on loopback; 0 takes any free one", wholeNumber(0, PORT_MAX), PORT_DEFAULT)
    .option("--speed <n>", "account seconds per real second", wholeNumber(1, SPEED_MAX), SPEED_DEFAULT)
    .option("--seed <n>", "the same seed gives the same account", wholeNumber(0, SEED_MAX), SEED_DEFAULT)
    .addHelpText(
      "after",
      `
The first line on stdout, when it is ready: {"endpoint":"http://127.0.0.1:4566","region":"eu-west-1","account":"000000000000","stage":"local"}
Any AWS client with AWS_ENDPOINT_URL set to the endpoint works against it. Needs a Java runtime for DynamoDB Local.

Examples:
  $ bellwether local up
  $ bellwether local up --port 0 --speed 60`,
    )
    .action(ending(session, (options: Options) => up(session, options)));
};
