/** Ports whose n-th call fails, before or after it took effect: a crash or a lost answer at every point in turn. */
import { UnavailableError } from "../../lib/kit/errors.ts";

export type Fault = { call: number; when: "before" | "after" };

type Methods = Readonly<Record<string, unknown>>;

/** Wraps every async method of every port object; `calls` counts them in order of being called. */
export const faulty = <P extends object>(
  ports: P,
  fault: Fault | undefined,
  onlyPorts?: readonly string[],
): { ports: P; calls: () => number } => {
  let calls = 0;
  const wrapMethod =
    (method: (...given: unknown[]) => unknown) =>
    async (...given: unknown[]): Promise<unknown> => {
      calls += 1;
      const isHit = fault?.call === calls;
      if (isHit && fault.when === "before") throw new UnavailableError(`call ${calls} failed`);
      const answer = await method(...given);
      if (isHit) throw new UnavailableError(`the answer of call ${calls} was lost`);
      return answer;
    };
  const wrapPort = (port: Methods): Methods =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        typeof method === "function" ? wrapMethod(method as () => unknown) : method,
      ]),
    );
  const isPort = (name: string, value: unknown): value is Methods =>
    value !== null &&
    typeof value === "object" &&
    !["stage", "ourHooks", "log", "clock"].includes(name) &&
    (onlyPorts?.includes(name) ?? true);
  const wrapped = Object.fromEntries(
    Object.entries(ports).map(([name, value]) => [name, isPort(name, value) ? wrapPort(value) : value]),
  );
  return { ports: wrapped as P, calls: () => calls };
};
