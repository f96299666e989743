/** How Lambda's operations are put together: each names the function it is about, and what its caller must be allowed to do. */
import type { Caller, Json, Operation, Route } from "../account.ts";
import type { Fn } from "./state.ts";
import { parseFunctionName, type Store } from "./store.ts";

/** `2015-03-31` and so on: each group of operations has the date of its API. */
export type Offered = { operations: Record<string, Operation>; routes: Route[] };

export type OnFunction = (
  fn: Fn,
  input: Json,
  caller: Caller,
  qualifier: string | undefined,
) => Promise<Json> | Json;

type Options = { action?: string; status?: number };

export type Offer = {
  /** An operation on one function, which must exist. */
  onFunction(name: string, route: string, run: OnFunction, options?: Options): void;
  /** Any other operation. */
  other(name: string, route: string, needs: Operation["needs"], run: Operation["run"], status?: number): void;
  offered: Offered;
};

const routeOf = (operation: string, route: string, status: number | undefined): Route => {
  const [method, path] = route.split(" ");
  return {
    method: method as Route["method"],
    path: path ?? "",
    operation,
    ...(status !== undefined && { status }),
  };
};

/** `route` is `METHOD /path/{FunctionName}/…`. The resource asked for has the qualifier that the caller named. */
export const createOffer = (store: Store): Offer => {
  const offered: Offered = { operations: {}, routes: [] };
  const other: Offer["other"] = (name, route, needs, run, status) => {
    offered.operations[name] = { needs, run };
    offered.routes.push(routeOf(name, route, status));
  };
  return {
    offered,
    other,
    onFunction: (name, route, run, { action = name, status } = {}) => {
      const named = (input: Json) => parseFunctionName(String(input.FunctionName), input.Qualifier);
      other(
        name,
        route,
        (input) => {
          const target = named(input);
          return [{ action: `lambda:${action}`, resource: store.arnOf(target.name, target.qualifier) }];
        },
        (input, caller) => {
          const target = named(input);
          return run(store.get(target.name), input, caller, target.qualifier);
        },
        status,
      );
    },
  };
};
