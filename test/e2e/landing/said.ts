/** What a program said that had to end well. */
import assert from 'node:assert/strict';
import type { Said, Stage } from '../stage.ts';

export const ok = (said: Said): string => {
  assert.equal(said.code, 0, said.stderr + said.stdout);
  return said.stdout;
};

export const git = async (stage: Stage, ...args: string[]): Promise<string> => ok(await stage.git(...args)).trim();
