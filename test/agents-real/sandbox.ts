/**
 * Where real agent CLIs are tested: installed once at a pinned version, and run with a home of their own in a network
 * namespace that has only loopback, where the mock provider listens. Nothing they do can reach the network.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version that source/agents/claude*.ts was measured against. */
export const CLAUDE_VERSION = '2.1.330';

const MOCK = fileURLToPath(new URL('../fixtures/mock-llm/mock-llm.mjs', import.meta.url));

/** One account's row of the provider's ledger, per model. */
export type Ledger = Readonly<
  Record<
    string,
    {
      readonly requests: number;
      readonly input: number;
      readonly cacheRead: number;
      readonly cacheWrite: number;
      readonly output: number;
      /** The part of `output` that was reasoning. */
      readonly reasoning: number;
    }
  >
>;

export interface Sandbox extends AsyncDisposable {
  /** Where the mock provider listens inside the namespace, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The agents' home folder; everything in it is the sandbox's own. */
  readonly home: string;
  /** An empty git repository. */
  readonly repository: string;
  /** The argv that runs `argv` inside the namespace; the process keeps its pid. */
  inside(argv: readonly string[]): [string, ...string[]];
  /** The environment of an agent that is billed on `account`. */
  environment(account: string): Record<string, string>;
  /** What the provider was sent on an account, oldest first: whole requests as JSON. */
  requests(account: string): readonly string[];
  /** What the provider billed to an account, and how many of its responses were cut. */
  ledger(account: string): Promise<{ readonly models: Ledger; readonly aborted: number }>;
}

/** The path of the claude program. */
export const installClaude = (): Promise<string> => install('@anthropic-ai/claude-code', CLAUDE_VERSION, 'claude');

/** The path of a program from npm, installed on the first call (a minute or two, 100 to 400 MB). */
export async function install(name: string, version: string, bin: string): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'looptop', 'agents');
  const folder = join(cache, `${name.replace(/^.*\//, '')}-${version}`);
  const program = join(folder, 'node_modules', '.bin', bin);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'installing-'));
  try {
    // npm chooses the newest version whose engines fit the node it runs on, and claude's binary comes with a script.
    const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
    await run(
      'npm',
      ['install', '--no-audit', '--no-fund', '--ignore-scripts=false', '--prefix', fresh, `${name}@${version}`],
      { env: { ...process.env, PATH: path }, timeout: 600_000 },
    );
    if (!existsSync(program)) rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    // Another run of the tests may have been faster: a full folder cannot be renamed onto.
    if (!existsSync(program)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return program;
}

/** How root makes a network namespace, and how everybody else does where the system allows it. */
const NAMESPACES = [
  { unshare: ['--net'], nsenter: [] },
  { unshare: ['--user', '--map-root-user', '--net'], nsenter: ['user'] },
] as const;

/** The first way to a network namespace that works here, or why none does. */
async function namespace(): Promise<(typeof NAMESPACES)[number] | { readonly why: string }> {
  if (process.platform !== 'linux') return { why: 'network namespaces are Linux only' };
  const reasons: string[] = [];
  for (const way of NAMESPACES) {
    try {
      await run('unshare', [...way.unshare, 'ip', 'link', 'set', 'lo', 'up']);
      return way;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message.trim() : String(error));
    }
  }
  return { why: `no network namespace: ${reasons.join('; ')}` };
}

/** Why no namespace can be made here; null when one can. */
export async function noNamespace(): Promise<string | null> {
  const way = await namespace();
  return 'why' in way ? way.why : null;
}

/** `scenarios` are added to the mock's own (fixtures/mock-llm/README.md). */
export async function openSandbox(scenarios: Readonly<Record<string, unknown>>): Promise<Sandbox> {
  const root = mkdtempSync(join(tmpdir(), 'looptop-agents-'));
  const children: ChildProcess[] = [];
  const dispose = async () => {
    for (const child of children.reverse()) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      if (child.kill('SIGKILL')) await gone;
    }
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };

  /** Starts a process that belongs to the sandbox and waits for its first line. */
  const start = async (program: string, args: readonly string[]) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const lines = createInterface({ input: child.stdout });
    const first = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${program} ended with ${code} before its first line`)));
    });
    return { child, first };
  };

  try {
    const repository = join(root, 'repository');
    const home = join(root, 'home');
    for (const folder of [repository, home]) mkdirSync(folder);
    await run('git', ['init', '-q', repository]);

    const way = await namespace();
    if ('why' in way) throw new Error(way.why);
    const hold = 'ip link set lo up && echo up && exec sleep 100000';
    const holder = await start('unshare', [...way.unshare, 'sh', '-c', hold]);
    const spaces = [...way.nsenter, 'net'].map((kind) => `--${kind}=/proc/${holder.child.pid}/ns/${kind}`);
    const inside = (argv: readonly string[]): [string, ...string[]] => [
      'nsenter',
      ...spaces,
      ...(way.nsenter.length > 0 ? ['--preserve-credentials'] : []),
      ...argv,
    ];
    const file = join(root, 'scenarios.json');
    writeFileSync(file, JSON.stringify(scenarios));
    const log = join(root, 'requests');
    const [program, ...args] = inside([process.execPath, MOCK, '--port', '0', '--scenarios', file, '--log', log]);
    const { first: url } = await start(program, args);

    return {
      url,
      home,
      repository,
      inside,
      environment: (account) => ({
        HOME: home,
        TMPDIR: root,
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: account,
        // Without it claude refuses bypassPermissions as root.
        IS_SANDBOX: '1',
      }),
      requests: (account) =>
        readdirSync(log)
          .sort()
          .map((name) => readFileSync(join(log, name), 'utf8'))
          .filter((text) => JSON.parse(text).key === account),
      async ledger(account) {
        const script = `fetch('${url}/_mock/ledger').then((answer) => answer.text()).then(console.log)`;
        const [node, ...rest] = inside([process.execPath, '-e', script]);
        const { stdout } = await run(node, rest);
        return JSON.parse(stdout)[account] ?? { models: {}, aborted: 0 };
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
