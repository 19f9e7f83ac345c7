/**
 * Measures the built program at work: `npm run bench -- [--agents 15] [--lines 50] [--seconds 20] [--keys 60] [--minutes 0]
 * [--profile FOLDER]`, or one thing alone: `npm run bench -- synthetic`, `caps`, `wire`, `crossing [--trials 200]`. Not a test:
 * it proves nothing by itself, it prints a table to compare with another one made on the same machine in the same hour.
 * Linux, with util-linux's `script` and tmux.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LAUNCHER } from '../e2e/stage.ts';
import { latencies } from '../supervisor/wire/latency.ts';
import { caps } from './caps.ts';
import { crossings } from './crossing.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { keyTimes } from './keys.ts';
import { heapMiB, load, type Used, watch } from './proc.ts';
import { decideRate, foldRate, longLife, sizes } from './synthetic.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { measureTmux } from './tmux.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    agents: { type: 'string', default: '15' },
    lines: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '20' },
    keys: { type: 'string', default: '60' },
    minutes: { type: 'string', default: '0' },
    profile: { type: 'string' },
    trials: { type: 'string', default: '200' },
  },
});
const agents = Number(values.agents);
const linesPerSecond = Number(values.lines);
const seconds = Number(values.seconds);
const minutes = Number(values.minutes);
const folder = await mkdtemp(join(tmpdir(), 'looptop-bench-'));

/** Options of Node for what is measured. */
const node = [
  ...(values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]),
  ...(minutes === 0 ? [] : ['--expose-gc', '--require', resolve('test/bench/heap-probe.cjs')]),
];

/** After a start, until the just-in-time compiler has seen it all. */
const WARM_UP_MS = 5000;

const row = (what: string, value: string): void => console.log(`${what.padEnd(46)} ${value}`);
const one = (value: number): string => value.toFixed(1);

function spread(list: readonly number[]): string {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (share: number) =>
    one(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
  return `${at(0.5)} / ${at(0.95)} / ${at(1)}`;
}

const used = ({ cpu, rssBefore, rssAfter }: Used): string =>
  `${one(cpu)} % of a core, RSS ${rssBefore.toFixed(0)} -> ${rssAfter.toFixed(0)} MiB`;

function synthetic(): void {
  const { first, last } = longLife(5000);
  row('5,000 responses, first / last 500 (ms)', `${one(first)} / ${one(last)}`);
  // Twice, because the first is cold.
  foldRate(100, 20_000);
  row('fold, 15 agents (lines/s)', foldRate(15, 100_000).toFixed(0));
  row('fold, 100 agents (lines/s)', foldRate(100, 100_000).toFixed(0));
  row('decide, 15 agents (calls/s)', decideRate(15, 2000).toFixed(0));
  row('decide, 100 agents (calls/s)', decideRate(100, 500).toFixed(0));
  const { line, snapshot } = sizes(15);
  row('a line in the journal (bytes)', String(line));
  row('snapshot of 15 agents (KiB)', (snapshot / 1024).toFixed(0));
}

/** From the response that crosses a cap to the whole tree dead. */
async function crossing(): Promise<void> {
  const all = await crossings(Number(values.trials));
  const ms = all.map((each) => each.ms).sort((a, b) => a - b);
  const at = (share: number) => (ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] ?? Number.NaN).toFixed(0);
  row('trials, processes each', `${ms.length}, ${all[0]?.processes ?? 0}`);
  row('cap crossed to tree dead, median / p99 / worst (ms)', `${at(0.5)} / ${at(0.99)} / ${at(1)}`);
}

async function openPane({ stage }: Fleet, stats: string): Promise<Terminal> {
  const line = [process.execPath, ...node, LAUNCHER].map((word) => `'${word}'`).join(' ');
  return openTerminal(line, stage.root, { ...stage.env, LOOPTOP_STATS: stats });
}

async function journalBytes({ stage }: Fleet): Promise<number> {
  const folder = join(stage.root, '.looptop', 'journal');
  const sizes = (await readdir(folder))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => stat(join(folder, name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

async function linesWritten({ outs }: Fleet): Promise<number> {
  const counts = outs.map(async (out) => (await readFile(out)).reduce((sum, byte) => sum + Number(byte === 0x0a), 0));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** The pane under load: what it and the supervisor cost, what it draws, how fast it answers. */
async function atWork(fleet: Fleet, stats: string): Promise<void> {
  await using terminal = await openPane(fleet, stats);
  await sleep(WARM_UP_MS);
  const before = {
    lines: await linesWritten(fleet),
    journal: await journalBytes(fleet),
    bytes: terminal.bytes,
    at: performance.now(),
  };
  const cost = await watch({ pane: terminal.pid, supervisor: fleet.supervisor }, seconds);
  const took = (performance.now() - before.at) / 1000;
  row('lines (1/s)', one(((await linesWritten(fleet)) - before.lines) / took));
  row('pane, at work', used(cost.pane));
  row('supervisor, at work', used(cost.supervisor));
  row('journal (KiB/s)', one(((await journalBytes(fleet)) - before.journal) / 1024 / took));
  row('to the terminal (KiB/s)', one((terminal.bytes - before.bytes) / 1024 / took));
  row('load average', one(load()));
  const { moves, helps } = await keyTimes(terminal, Number(values.keys));
  row('key to frame, median / p95 / worst (ms)', spread([...moves, ...helps]));
  row('  of these a move of the cursor', spread(moves));
  row('  of these the help', spread(helps));
  for (let minute = 1; minute <= minutes; minute++) {
    const cost = await watch({ pane: terminal.pid, supervisor: fleet.supervisor }, 60);
    const heap = async (pid: number) => `heap ${one(await heapMiB(pid, folder))} MiB`;
    row(`minute ${minute}: pane`, `${used(cost.pane)}, ${await heap(terminal.pid)}`);
    row(`minute ${minute}: supervisor`, `${used(cost.supervisor)}, ${await heap(fleet.supervisor)}`);
  }
  // The paints that are kept are the newest ones: those of the quiet seconds at the end, not those of the keys.
  await sleep(15_000);
  await leave(terminal);
  const { paintMs, frames, dropped } = JSON.parse(await readFile(stats, 'utf8')) as Record<string, number> & {
    paintMs: number[];
  };
  row('a paint, median / p95 / worst (ms)', spread(paintMs));
  row('frames, dropped', `${frames}, ${dropped}`);
}

async function atRest(fleet: Fleet, stats: string): Promise<void> {
  await fleet.stage.must('freeze', '--all', '--yes');
  await using terminal = await openPane(fleet, stats);
  await sleep(WARM_UP_MS);
  const cost = await watch({ pane: terminal.pid, supervisor: fleet.supervisor }, seconds);
  row('pane, all runs frozen', used(cost.pane));
  row('supervisor, all runs frozen', used(cost.supervisor));
  await leave(terminal);
}

async function leave(terminal: Terminal): Promise<void> {
  terminal.type('q');
  const late = sleep(3000).then(() => terminal.type('\x03\x03'));
  await Promise.race([terminal.ended, late.then(() => sleep(3000))]);
}

async function wire(): Promise<void> {
  await latencies(100, 1, 2);
  const { direct, wire } = await latencies(200, 5, 5);
  const say = ({ median, p99, work }: typeof direct) => `${median.toFixed(2)} / ${p99.toFixed(2)} / ${work.toFixed(2)}`;
  row('a piece of a stream: median / p99 / work (ms)', say(direct));
  row('  through the wire meter', say(wire));
  row('load average', one(load()));
}

try {
  if (values.profile !== undefined) await mkdir(values.profile, { recursive: true });
  row('load average', one(load()));
  const [what] = positionals;
  if (what === 'caps') await caps(row);
  if (what === 'wire') await wire();
  if (what === 'crossing') await crossing();
  if (what === 'synthetic' || what === undefined) synthetic();
  if (what === undefined) {
    const long = 4 * seconds + 90 + Number(values.keys) + 60 * minutes;
    const fleet = await startFleet({ agents, linesPerSecond, seconds: long, node, env: { LOOPTOP_HEAP: folder } });
    await using _stage = fleet.stage;
    row('supervisor without a pane', used((await watch({ it: fleet.supervisor }, seconds)).it));
    await atWork(fleet, join(folder, 'stats.json'));
    row('tmux server, the same lines', used(await measureTmux(fleet.outs, folder, seconds)));
    row('load average', one(load()));
    await atRest(fleet, join(folder, 'rest.json'));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
