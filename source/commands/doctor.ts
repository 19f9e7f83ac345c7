/** doctor: what looptop needs and likes, what of it this machine has, and how to get the rest. */
import type { Command } from 'commander';
import type { Finding } from './doctor/finding.ts';
import { Ended } from './ended.ts';
import { print, printJson } from './print.ts';
import { table } from './table.ts';
import { glyph } from './words.ts';

export function doctor(program: Command): void {
  program
    .command('doctor')
    .description('what is found of engines, git, containment and terminal, and what to do about the rest')
    .option('--json', 'print the findings as a JSON array')
    .addHelpText('after', '\nExample:\n  looptop doctor')
    .action(async ({ json }: { json?: true }) => {
      const { examine } = await import('./doctor/examine.ts');
      const findings = await examine();
      if (json) printJson(findings);
      else for (const line of await lines(findings)) print(line);
      if (findings.some(({ state }) => state === 'bad')) throw new Ended('', 1);
    });
}

const MARKS = { ok: 'green', poor: 'need', missing: 'queued', bad: 'bad' } as const;

async function lines(findings: readonly Finding[]): Promise<string[]> {
  const columns = [{ title: '' }, { title: '' }, { title: '' }];
  const rows = findings.map(({ state, name, version, detail, advice }) => {
    const found = version === null ? detail : `${version}  ${detail}`;
    return [glyph(MARKS[state]), name, advice === null ? found : `${found}: ${advice}`];
  });
  return (await table(columns, rows, undefined)).slice(1);
}
