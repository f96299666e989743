/** Weight moves that fail on purpose, as when Lambda throttles CodeDeploy's role. */

/** The next `times` moves of deployments, or of automatic rollbacks, fail with `code`. */
export type MoveFault = {
  of: "deployments" | "rollbacks";
  code: "THROTTLED" | "INTERNAL_ERROR";
  times: number;
};

export type MoveFaults = {
  add(fault: MoveFault): void;
  /** The error code that befalls a move, if any; each call uses one up. */
  next(of: MoveFault["of"]): MoveFault["code"] | undefined;
};

export const createMoveFaults = (): MoveFaults => {
  const faults: MoveFault[] = [];
  return {
    add: (fault) => {
      faults.push({ ...fault });
    },
    next: (of) => {
      const fault = faults.find((one) => one.of === of && one.times > 0);
      if (fault === undefined) return undefined;
      fault.times -= 1;
      return fault.code;
    },
  };
};
