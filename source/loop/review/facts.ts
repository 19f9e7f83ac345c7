/** A diff as the review keeps it: which hunks are to be read, and what in them asks for a closer look. */
import { matcher } from '../globs.ts';
import type { Concern, OwedHunk, ReviewFacts } from '../state/review.ts';
import type { Diff, DiffFile, Hunk } from './parse.ts';
import { patchId } from './patch-id.ts';
import { skipped } from './skip.ts';
import { isTest, skipsIn } from './tests.ts';

/** The journal holds an event of this size; a change beyond it is not read hunk by hunk. */
const MOST_HUNKS = 2000;
const MOST_CONCERNS = 40;

/** Where a mistake costs more than elsewhere, in a word. */
const SENSITIVE: readonly (readonly [string, (path: string) => boolean])[] = [
  [
    'sign-in and permissions',
    matcher([
      '**/*{auth,login,session,permission,password,oauth,rbac}*',
      '**/{auth,authz,authn,security,permissions}/**',
    ]),
  ],
  ['secrets', matcher(['**/.env*', '**/*{secret,credential,token,crypto,cipher}*', '**/*.{pem,key,p12}'])],
  ['money', matcher(['**/*{payment,billing,invoice,checkout,price,pricing}*', '**/{payments,billing,checkout}/**'])],
  [
    'stored data',
    matcher(['**/{migrations,migrate}/**', '**/*{migration,schema}*.{sql,ts,js,py,rb,prisma}', '**/*.{sql,prisma}']),
  ],
  [
    'what builds and ships it',
    matcher([
      '.github/**',
      '.gitlab-ci*',
      '**/{Dockerfile,Makefile,Jenkinsfile}*',
      '**/*.{tf,tfvars}',
      '**/{deploy,infra,k8s,helm}/**',
      '.husky/**',
      '**/.npmrc',
    ]),
  ],
  [
    'what it depends on',
    matcher([
      '**/{package,composer,deno}.json',
      '**/{Cargo,pyproject,Pipfile}.toml',
      '**/requirements*.txt',
      '**/go.mod',
      '**/Gemfile',
    ]),
  ],
  ['the loops themselves', matcher(['loops/**', 'RULES.md', 'AGENTS.md', 'CLAUDE.md', '.claude/**'])],
];

/** Lines that tell a checker to look away. */
const SILENCED =
  /eslint-disable|biome-ignore|@ts-(?:ignore|nocheck|expect-error)|#\s*(?:type:\s*ignore|noqa|pylint:\s*disable)|\/\/\s*nolint|#\[allow\(|@SuppressWarnings|istanbul ignore|c8 ignore/;

/** What is kept of a diff. */
export function factsOf(diff: Diff): ReviewFacts {
  const hunks = diff.files.filter(({ path }) => skipped(path) === null).flatMap(hunksOf);
  const rest = diff.files.filter(({ path }) => skipped(path) !== null);
  return {
    files: diff.files.length,
    added: diff.added,
    removed: diff.removed,
    hunks: hunks.slice(0, MOST_HUNKS),
    more: hunks.slice(MOST_HUNKS).reduce((sum, { lines }) => sum + lines, 0),
    skipped: rest.flatMap(hunksOf).reduce((sum, { lines }) => sum + lines, 0),
    concerns: diff.files.flatMap(concernsOf).slice(0, MOST_CONCERNS),
  };
}

/** The hunks of a file with their ids. */
export const hunksOf = (file: DiffFile): OwedHunk[] =>
  file.hunks.map((hunk) => ({ id: patchId(file, hunk), path: file.path, lines: toRead(hunk) }));

/** Lines to read: the added ones, for the removed ones stand no more; of a hunk that only removes, those. */
export const toRead = ({ added, removed }: Pick<Hunk, 'added' | 'removed'>): number => (added > 0 ? added : removed);

function concernsOf(file: DiffFile): Concern[] {
  const { path, change, binary, mode, hunks } = file;
  const said: Concern[] = [];
  const say = (kind: Concern['kind'], words: string): void => {
    said.push({ kind, words });
  };
  const area = SENSITIVE.find(([, holds]) => holds(path) || (file.from !== null && holds(file.from)));
  if (area !== undefined) say('sensitive', `${path} is about ${area[0]}`);
  if (binary) say('binary', `${path} is binary: nobody can read what changed`);
  if (mode !== null && (Number.parseInt(mode.after, 8) & 0o111) !== 0) say('mode', `${path} becomes executable`);
  const lines = (kind: 'added' | 'removed') =>
    hunks.flatMap((hunk) => hunk.lines.filter((line) => line.kind === kind).map(({ text }) => text));
  const added = lines('added').join('\n');
  const skips = skipsIn(path, added).length - skipsIn(path, lines('removed').join('\n')).length;
  if (skips > 0) say('skips', `${skips} ${skips === 1 ? 'test is' : 'tests are'} skipped in ${path}`);
  if (SILENCED.test(added)) say('silenced', `${path} tells a checker to look away`);
  if (!isTest(path)) return said;
  if (change === 'deleted') say('tests-deleted', `the test ${path} is deleted`);
  else if (file.removed > file.added) say('tests-cut', `${file.removed - file.added} lines fewer in the test ${path}`);
  else if (file.removed > 0) say('tests-changed', `what the test ${path} expects was changed`);
  return said;
}
