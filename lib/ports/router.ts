/** Which versions an alias serves. */
export type Routing = {
  version: string;
  /** The second version and its share of calls, percent; absent when all go to `version`. */
  split?: { version: string; percent: number };
  revision: string;
};

/** The digest of its code as Lambda computes it, and how long Lambda lets it run. */
export type Version = { codeSha256?: string; timeoutMs?: number };

export type Router = {
  read(functionName: string, alias: string): Promise<Routing | "unknown">;
  /** Undefined when the version is gone. */
  version(functionName: string, version: string): Promise<Version | undefined>;
  /** Sends all calls to one version, if the alias is still as it was read. The last resort of a rollback. */
  pin(
    functionName: string,
    alias: string,
    version: string,
    revision: string,
  ): Promise<"pinned" | "changed-meanwhile">;
};
