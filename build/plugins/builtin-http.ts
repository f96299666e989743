import type { Plugin } from "esbuild";

/**
 * Takes `node:http` and `node:https` from `process.getBuiltinModule` instead of an ESM import.
 * An ESM import of `node:http` loads undici and 75 internal modules more than `require` does, about 10 ms of every cold start.
 */
export const builtinHttp: Plugin = {
  name: "builtin-http",
  setup(build) {
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path }) => ({
      path: path.startsWith("node:") ? path : `node:${path}`,
      namespace: "builtin-http",
    }));
    build.onLoad({ filter: /.*/, namespace: "builtin-http" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
      loader: "js",
    }));
  },
};
