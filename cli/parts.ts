/** What commands need from the rest of the house. Loaded when first used: `--help` must not wait for the AWS SDK. */
import type { ObservePorts } from "../lib/app/observe.ts";
import type { TickPorts } from "../lib/app/tick.ts";
import type { OurHooks } from "../lib/deployment/next-step.ts";
import type { Announcer } from "../lib/ports/announcer.ts";
import type { Chat } from "../lib/ports/chat.ts";
import type { Invoker } from "../lib/ports/invoker.ts";
import type { Outbox } from "../lib/ports/outbox.ts";
import type { Io } from "./io.ts";

/** Every port of one stage of one account. */
export type CliPorts = ObservePorts &
  TickPorts & { invoker: Invoker; outbox: Outbox; announcer: Announcer; chat: Chat; ourHooks: OurHooks };

export type Parts = {
  /** Connects to a stage. Throws InputError when the environment lacks what it takes. */
  connect(stage: string, env: Io["env"]): Promise<CliPorts>;
};

export const realParts: Parts = {
  connect: async (stage, env) => {
    const [{ wireCli }, { cliConfig }] = await Promise.all([
      import("../lib/runtime/wire.ts"),
      import("../lib/runtime/config.ts"),
    ]);
    return wireCli(await cliConfig(stage, env));
  },
};
