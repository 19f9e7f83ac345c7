/** Looks at the engines' programs: there or not, which version, logged in or not, and what looptop can do with each. */
import type { Abilities } from '../../agents/engine.ts';
import { engineOf } from '../../agents/engines.ts';
import { PROGRAM_NAMES, PROGRAMS, type Program } from '../../agents/programs.ts';
import type { EngineName } from '../../loop/definition/definition.ts';
import type { Configuration } from '../../supervisor/memory/configuration.ts';
import { findProgram } from '../../supervisor/process/find-program.ts';
import type { Finding } from './finding.ts';
import { loginOf } from './login.ts';
import { versionOf } from './programs.ts';

/** A finding about an engine, with the facts apart for who reads them as JSON. */
export interface EngineFinding extends Finding {
  readonly engine: {
    readonly measured: string;
    /** The variable or the file with the credential; null when none was found. */
    readonly login: string | null;
    readonly loginCommand: string;
    readonly abilities: Abilities | null;
  };
}

type Engines = Configuration['engines'];

/** All engines that have a program of their own, then `acp` and `shell`. */
export async function engineFindings(configured: Engines): Promise<Finding[]> {
  const known = await Promise.all(
    PROGRAM_NAMES.map((name) => engineFinding(name, PROGRAMS[name], configured[name]?.command)),
  );
  return [...known, acp(configured.acp?.command), shell(configured.shell?.command[0] ?? 'sh')];
}

async function engineFinding(
  name: EngineName,
  program: Program,
  command: readonly string[] = [program.command],
): Promise<EngineFinding> {
  const file = findProgram(command[0] ?? program.command);
  const login = loginOf(program);
  const abilities = engineOf(name)?.abilities ?? null;
  const engine = { measured: program.measured, login, loginCommand: program.login, abilities };
  const common = { name: `engine ${name}`, engine };
  if (file === null) {
    const advice = `npm install --global ${program.npm}@${program.measured}, or set engines.${name}.command in the configuration`;
    return { ...common, state: 'missing', version: null, detail: `${command[0]} is not on the PATH`, advice };
  }
  const version = await versionOf(file, '--version');
  const advice = [versionAdvice(program, version), login === null ? `not logged in: ${program.login}` : null];
  const detail = [file, login === null ? null : `login: ${login}`, abilities === null ? null : abilityWords(abilities)];
  return {
    ...common,
    state: advice.some((words) => words !== null) ? 'poor' : 'ok',
    version,
    detail: detail.filter((words) => words !== null).join(', '),
    advice: advice.filter((words) => words !== null).join('; ') || null,
  };
}

/** A newer version mostly works: what its reader does not understand is shown as it is. An older one may lack options. */
function versionAdvice({ npm, measured }: Program, version: string | null): string | null {
  if (version === null) return 'it does not tell its version: run it once by hand';
  const order = compare(version, measured);
  if (order === 0) return null;
  return order < 0
    ? `older than ${measured}, which looptop was measured with, so options may be missing: npm install --global ${npm}@${measured}`
    : `newer than ${measured}, which looptop was measured with: if its runs look odd, npm install --global ${npm}@${measured}`;
}

/** Below 0 when `a` is the older version. Numbers part by part; a suffix such as -beta counts for nothing. */
export function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => (version.split(/[-+]/)[0] ?? '').split('.').map(Number));
  for (let part = 0; part < 4; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}

const METERS: Readonly<Record<Abilities['meter'], string>> = {
  'per-response': 'meter live',
  'at-end': 'meter at the end of a turn',
  estimated: 'meter estimated',
};

function abilityWords({ liveGuidance, resumeOtherModel, resume, meter, wire, hides }: Abilities): string {
  const words = [
    liveGuidance ? 'takes notes' : 'takes no notes',
    resumeOtherModel ? 'resumes with any model' : resume ? 'resumes' : 'never resumes',
    METERS[meter],
    wire ? 'wire' : 'no wire',
  ];
  return [...words, ...(hides.length > 0 ? [`hides ${hides.join('; ')}`] : [])].join(', ');
}

function acp(command: readonly string[] | undefined): Finding {
  const name = 'engine acp';
  const [program] = command ?? [];
  if (program === undefined) {
    const advice = 'only for other agents that speak ACP: set engines.acp.command, e.g. ["gemini", "--acp"]';
    return { name, state: 'missing', version: null, detail: 'no agent is configured', advice };
  }
  const file = findProgram(program);
  return file === null
    ? {
        name,
        state: 'poor',
        version: null,
        detail: `${program} is not on the PATH`,
        advice: 'correct engines.acp.command',
      }
    : { name, state: 'ok', version: null, detail: [file, ...(command ?? []).slice(1)].join(' '), advice: null };
}

function shell(program: string): Finding {
  const name = 'engine shell';
  const file = findProgram(program);
  return file === null
    ? {
        name,
        state: 'bad',
        version: null,
        detail: `${program} is not on the PATH`,
        advice: 'gates need it too: repair the PATH',
      }
    : { name, state: 'ok', version: null, detail: file, advice: null };
}
