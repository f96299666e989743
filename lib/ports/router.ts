/** Which versions an alias serves. */
export type Routing = {
  version: string;
  /** The second version and its share of calls, percent; absent when all go to `version`. */
  split?: { version: string; percent: number };
  revision: string;
};

export type Router = {
  read(functionName: string, alias: string): Promise<Routing | "unknown">;
  /** Digest of a version's code as Lambda computes it; undefined when the version is gone. */
  digest(functionName: string, version: string): Promise<string | undefined>;
  /** Sends all calls to one version, if the alias is still as it was read. The last resort of a rollback. */
  pin(
    functionName: string,
    alias: string,
    version: string,
    revision: string,
  ): Promise<"pinned" | "changed-meanwhile">;
};
