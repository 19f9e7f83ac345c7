/** Looks at this machine: Node, git, engines, containment, tmux, terminal, configuration. Changes nothing. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Configuration, configurationFolder, readConfiguration } from '../../supervisor/memory/configuration.ts';
import { findProgram } from '../../supervisor/process/find-program.ts';
import { makeCgroup, removeCgroup } from '../../supervisor/process/tree/cgroup.ts';
import { paneSettings } from '../pane/settings.ts';
import { engineFindings } from './engines.ts';
import type { Finding } from './finding.ts';
import { versionOf } from './programs.ts';
import { terminalFindings } from './terminal.ts';

/** 2.31 brought GIT_CONFIG_COUNT and `rev-parse --path-format`. */
const OLDEST_GIT = [2, 31] as const;

export async function examine(): Promise<Finding[]> {
  const [configuration, problem] = await configurationOrProblem();
  const { columns, rows, isTTY } = process.stdout;
  const groups = await Promise.all([node(), git(), engineFindings(configuration?.engines ?? {}), tmux()]);
  return [
    ...groups.flat(),
    containment(),
    ...terminalFindings({
      columns: isTTY ? columns : null,
      rows: isTTY ? rows : null,
      depth: isTTY ? process.stdout.getColorDepth() : 1,
      env: process.env,
    }),
    config(problem),
  ];
}

function node(): Finding {
  const detail = process.execPath;
  return { name: 'node', state: 'ok', version: process.versions.node, detail, advice: null };
}

async function git(): Promise<Finding> {
  const name = 'git';
  const file = findProgram(name);
  if (file === null) {
    return { name, state: 'bad', version: null, detail: 'not found', advice: 'install git, e.g. apt install git' };
  }
  const version = await versionOf(file, '--version');
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const old = major < OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor < OLDEST_GIT[1]);
  const advice = old ? `install git ${OLDEST_GIT.join('.')} or newer` : null;
  return { name, state: old ? 'bad' : 'ok', version, detail: file, advice };
}

async function tmux(): Promise<Finding> {
  const name = 'tmux';
  const file = findProgram(name);
  if (file === null) {
    const advice = 'only for `looptop status --tmux` and to attach beside the pane: apt install tmux';
    return { name, state: 'missing', version: null, detail: 'not found', advice };
  }
  const version = await versionOf(file, '-V');
  if (process.env.TMUX && !(await passesOn(file)))
    return {
      ...{ name, state: 'poor', version, detail: file },
      advice: 'it keeps notifications of the desktop to itself: set -g allow-passthrough on (looptop status --help)',
    };
  return { name, state: 'ok', version, detail: file, advice: null };
}

/** Whether the tmux around us lets through what it does not know itself. Since 3.3 it does so only when told; before, always. */
async function passesOn(file: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(file, ['show-options', '-gwv', 'allow-passthrough'], {
      timeout: 2000,
    });
    return stdout.trim() !== 'off';
  } catch {
    return true;
  }
}

/** By trying: whether a cgroup can be made depends on mounts, delegation and who we are, and no file says so. */
function containment(): Finding {
  const folder = makeCgroup(`doctor-${process.pid}`);
  if (folder !== null) removeCgroup(folder);
  const common = { name: 'containment', version: null };
  if (folder !== null)
    return { ...common, state: 'ok', detail: 'cgroup: the kernel knows every process of an agent', advice: null };
  if (existsSync('/proc/self/environ')) {
    const detail = 'marked: processes are found by mark and kinship in /proc';
    return {
      ...common,
      state: 'poor',
      detail,
      advice: 'a cgroup v2 folder that you may write would hold even those that hide',
    };
  }
  const detail = `no /proc on ${process.platform} ${release()}`;
  return { ...common, state: 'poor', detail, advice: 'processes are found with ps; those that hide can get away' };
}

async function configurationOrProblem(): Promise<[Configuration | null, string]> {
  let configuration: Configuration | null = null;
  try {
    configuration = await readConfiguration();
    await paneSettings(configuration);
    return [configuration, ''];
  } catch (error) {
    return [configuration, error instanceof Error ? error.message : String(error)];
  }
}

function config(problem: string): Finding {
  const file = join(configurationFolder(), 'config.json');
  const common = { name: 'configuration', version: null };
  if (problem !== '') {
    return { ...common, state: 'bad', detail: file, advice: problem.split('\n')[0] ?? problem };
  }
  const detail = existsSync(file) ? file : `${file} (not there, the defaults hold)`;
  return { ...common, state: 'ok', detail, advice: null };
}
