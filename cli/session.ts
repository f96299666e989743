/** One run of the command line: what it talks to, how it ends, and what must be closed before it does. */
import { UnavailableError } from "../lib/kit/errors.ts";
import { EXIT, ExitError } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { cliLog } from "./log.ts";
import type { CliPorts, Parts } from "./parts.ts";
import { stageOf } from "./stage.ts";

/** Nothing may keep the process from ending for longer than this. */
const CLOSE_MAX_MS = 10_000;

export type Session = {
  io: Io;
  parts: Parts;
  /** Options before or after the command's name that belong to all commands. */
  common: { stage?: string; debug?: boolean };
  code: number;
  /** Said when the person interrupts: what goes on without the command, and how to look. */
  goesOn: string | undefined;
  /** The command waits for the signal itself and ends well by it. */
  endsOnSignal: boolean;
  closers: (() => Promise<void> | void)[];
};

export const newSession = (io: Io, parts: Parts): Session => ({
  io,
  parts,
  common: {},
  code: EXIT.done,
  goesOn: undefined,
  endsOnSignal: false,
  closers: [],
});

/** Wraps an action for commander: its number becomes the exit code. */
export const ending =
  <A extends readonly unknown[]>(session: Session, action: (...given: A) => Promise<number>) =>
  async (...given: A): Promise<void> => {
    session.code = await action(...given);
  };

/** The ports of the stage that is meant. Throws InputError when no stage can be told. */
export const connect = async (session: Session): Promise<CliPorts & { stageName: string }> => {
  const stageName = stageOf(session.common.stage, session.io.env);
  const ports = await session.parts.connect(
    stageName,
    session.io.env,
    cliLog(session.io, session.common.debug === true),
  );
  return { ...ports, stageName };
};

/** Rejects when the person or the machine wants an end; never resolves. */
export const interruption = (session: Session): Promise<never> =>
  new Promise((_resolve, reject) => {
    const { stop } = session.io;
    const onStop = (): void => {
      if (session.endsOnSignal) return;
      const code = stop.reason === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
      reject(
        new ExitError(code, `${String(stop.reason)}: ${session.goesOn ?? "stopped; nothing was changed"}`),
      );
    };
    if (stop.aborted) onStop();
    else stop.addEventListener("abort", onStop, { once: true });
  });

/** Closes what was opened, last first, each whatever became of the others; bounded in time. */
export const closeAll = async (session: Session): Promise<void> => {
  const closing = (async () => {
    for (const close of session.closers.splice(0).reverse())
      await Promise.resolve(close()).catch(() => undefined);
  })();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MAX_MS);
  });
  await Promise.race([closing, limit]);
  clearTimeout(timer);
};

/** Carries a change out. What does not answer half-way is a failure of the command, not a look that failed. */
export const changing = async <T>(change: () => Promise<T>): Promise<T> => {
  try {
    return await change();
  } catch (error) {
    if (error instanceof UnavailableError) throw new ExitError(EXIT.internal, error.message);
    throw error;
  }
};
