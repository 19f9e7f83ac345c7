/** trust: shows what the loop files would execute, and lets exactly these contents run after the operator's yes. */
import type { Command } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { reveal } from '../loop/text.ts';
import { confirm } from './ask.ts';
import { fleetIfRunning } from './connect.ts';
import { Ended } from './ended.ts';
import { print, printJson, printNote } from './print.ts';
import { findRepository } from './repository.ts';

/** Exit code of everything that is not trusted. */
const NOT_TRUSTED = 7;

interface Options {
  readonly revoke?: true;
  readonly yes?: true;
  readonly json?: true;
}

export function trust(program: Command): void {
  program
    .command('trust')
    .description('show what the loop files would execute, and trust exactly these contents')
    .option('--revoke', 'trust nothing of this repository any more')
    .option('--yes', 'do not ask')
    .option('--json', 'print what is trusted as JSON')
    .addHelpText('after', '\nExample:\n  looptop trust')
    .action(decide);
}

async function decide({ revoke: takeBack, yes, json }: Options): Promise<void> {
  const root = await findRepository();
  const {
    isTrusted,
    trust: remember,
    revoke,
    untrustedServers,
    whatItRuns,
  } = await import('../supervisor/memory/trust.ts');
  if (takeBack) {
    await revoke(root);
    await tellSupervisor();
    return json ? printJson([]) : print(`nothing in ${root} is trusted any more; runs that are open go on`);
  }
  const { readLoops } = await import('../supervisor/memory/loop-files.ts');
  const loops = await readLoops(root);
  const { configurationFolder } = await import('../supervisor/memory/configuration.ts');
  const { readMcpFile } = await import('../supervisor/memory/mcp-file.ts');
  const asksForServers = loops.some(({ parsed }) => (parsed.definition?.context.mcp ?? []).length > 0);
  const written = asksForServers ? await readMcpFile(root) : new Map();
  const files = loops.flatMap(({ path, text, parsed: { definition } }) =>
    definition === null
      ? []
      : [{ path, text, mcp: definition.context.mcp ?? [], runs: whatItRuns(definition, written) }],
  );
  if (files.length === 0) {
    throw new UsageError(
      'there is no loop file that could run in loops/: looptop init writes one, looptop check says what is wrong',
    );
  }
  if (files.length < loops.length) printNote('loop files that cannot run are left out: looptop check');
  const known = await Promise.all(
    files.map(
      async ({ path, text, mcp }) =>
        (await isTrusted(root, path, text)) && (await untrustedServers(root, mcp, written)).length === 0,
    ),
  );
  const shown = files.map(({ path, runs }, at) => ({ path, runs, trusted: known[at] === true }));
  if (!json) shown.forEach(show);
  if (known.includes(false)) {
    const count = files.length === 1 ? 'this file' : `these ${files.length} files`;
    if (
      !(await confirm(
        `Trust ${count}${asksForServers ? ' and MCP servers' : ''} with exactly this content?`,
        yes === true,
        NOT_TRUSTED,
      ))
    ) {
      throw new Ended('nothing was trusted', NOT_TRUSTED);
    }
    const asked = new Set(files.flatMap(({ mcp }) => mcp));
    const servers = [...written.values()].flatMap((server) =>
      'hash' in server && asked.has(server.name) ? [server] : [],
    );
    await remember(root, files, configurationFolder(), servers);
    await tellSupervisor();
  }
  if (json) printJson(shown.map((file) => ({ ...file, trusted: true })));
  else
    print(known.includes(false) ? 'trusted; a change to a file takes its trust away' : 'all of it is trusted already');
}

/** Every line on its own and nothing of it hidden: a command must not be able to hide a part of itself. */
function show({ path, runs, trusted }: { path: string; runs: readonly string[]; trusted: boolean }): void {
  print(`${reveal(path)}${trusted ? '  (trusted)' : ''}`);
  for (const command of runs) {
    for (const line of command.split('\n')) print(`  ${reveal(line)}`);
  }
}

/** A supervisor that runs already reads the files again; one that cannot be reached does so before its next run. */
async function tellSupervisor(): Promise<void> {
  try {
    await using fleet = await fleetIfRunning();
    await fleet?.carryOut({ do: 'reload' });
  } catch (error) {
    printNote(`the supervisor was not told: ${error instanceof Error ? error.message : String(error)}`);
  }
}
