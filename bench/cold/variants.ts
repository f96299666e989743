/** What is compared: a handler, the bare SDK clients and commands it uses, and a handler that does nothing. */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { ordinaryOptions, PLUGINS } from "../../build/bundle.ts";
import { ROOT } from "../../build/handlers.ts";

export type Bundle = { file: string; bytes: number };

export type Variants = {
  handler: string;
  ours: Bundle;
  /** The same clients and commands, alone, as esbuild bundles them without our plugins. */
  ordinaryClients: Bundle;
  /** The same clients and commands, alone, made like our bundles. */
  leanClients: Bundle;
  clients: readonly string[];
};

const CLIENT = /@aws-sdk\/(client-[a-z]+)\/dist-es\/([A-Z]\w*Client)\.js$/;
const COMMAND = /@aws-sdk\/(client-[a-z]+)\/dist-es\/commands\/(\w+Command)\.js$/;

/** Client package → the classes of it that are in a bundle. */
const sdkClassesIn = (metafile: Metafile): Map<string, string[]> => {
  const classes = new Map<string, string[]>();
  for (const output of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const [, client, name] = CLIENT.exec(path) ?? COMMAND.exec(path) ?? [];
      if (client !== undefined && name !== undefined && bytesInOutput > 0)
        classes.set(client, [...(classes.get(client) ?? []), name]);
    }
  return classes;
};

/** A module that makes each client and holds each command, and nothing else. */
const bareSource = (classes: ReadonlyMap<string, readonly string[]>): string => {
  const imports = [...classes].map(
    ([client, names]) => `import { ${names.join(", ")} } from "@aws-sdk/${client}";`,
  );
  const clients = [...classes.values()].flat().filter((name) => name.endsWith("Client"));
  const commands = [...classes.values()].flat().filter((name) => name.endsWith("Command"));
  const made = clients.map((name) => `new ${name}({})`).join(", ");
  return `${imports.join("\n")}\nconst clients = [${made}];\nexport const handler = async () => [clients, ${commands.join(", ")}];\n`;
};

const bundle = async (
  entry: string,
  file: string,
  plugins: Plugin[],
): Promise<Bundle & { metafile: Metafile }> => {
  const { metafile } = await build({ ...ordinaryOptions(entry, file), plugins });
  return { file, bytes: statSync(file).size, metafile };
};

const sized = ({ file, bytes }: Bundle): Bundle => ({ file, bytes });

/** Bundles a handler and what it is compared with into `folder`, which must lie inside the project. */
export const variantsOf = async (handler: string, folder: string): Promise<Variants> => {
  mkdirSync(folder, { recursive: true });
  const place = (name: string): string => join(folder, `${handler}.${name}.mjs`);
  const ours = await bundle(join(ROOT, "handlers", `${handler}.ts`), place("ours"), PLUGINS);
  const classes = sdkClassesIn(ours.metafile);
  writeFileSync(place("bare-source"), bareSource(classes));
  return {
    handler,
    ours: sized(ours),
    ordinaryClients: sized(await bundle(place("bare-source"), place("ordinary"), [])),
    leanClients: sized(await bundle(place("bare-source"), place("lean"), PLUGINS)),
    clients: [...classes.keys()].sort(),
  };
};

/** A handler that does nothing: what Node itself costs. */
export const emptyBundle = (folder: string): Bundle => {
  const file = join(folder, "empty.mjs");
  writeFileSync(file, "export const handler=async()=>{};\n");
  return { file, bytes: statSync(file).size };
};
